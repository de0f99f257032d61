# Two network namespaces as two machines with a wire between them; sourced by scripts. Needs root, iproute2 and Open MPI.
# Sets $work, a folder that goes with the namespaces when the script ends, and launch PROGRAM..., which starts a replica on each.
work=$(mktemp -d)
hosts=(10.77.0.1 10.77.0.2)

clean_namespaces() {
  for i in 0 1; do
    ip netns pids "byol$i" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    ip netns del "byol$i" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_namespaces EXIT

for i in 0 1; do
  ip netns add "byol$i"
  ip -n "byol$i" link set lo up
done
ip link add wire0 netns byol0 type veth peer name wire1 netns byol1
for i in 0 1; do
  ip -n "byol$i" addr add "${hosts[$i]}/24" dev "wire$i"
  ip -n "byol$i" link set "wire$i" up
done

# What ssh is elsewhere: mpirun calls it with an address and a command.
cat >"$work/agent" <<'END'
#!/bin/sh
host=$1; shift
exec ip netns exec "byol$((${host##*.} - 1))" unshare --uts sh -c "hostname host${host##*.}; exec $*"
END
chmod +x "$work/agent"

launch() {
  ip netns exec byol0 unshare --uts sh -c 'hostname host1; exec "$@"' sh mpirun -np 2 --host "${hosts[0]},${hosts[1]}" --allow-run-as-root --bind-to none \
    --mca plm_rsh_agent "$work/agent" --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 \
    --mca oob_tcp_keepalive_time 5 --mca oob_tcp_keepalive_intvl 2 --mca oob_tcp_keepalive_probes 3 "$@"
}
