using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>
/// Replicas that MPI starts, and whose GPUs meet by NCCL. Its work is queued in the default stream, in which libtorch computes, so that what follows
/// waits for it by itself. Small meetings, and the watch over who is late, stay with MPI.
/// </summary>
internal sealed unsafe class NcclReplicas : IReplicas, IDeviceReplicas
{
    private const nint DefaultStream = 0;
    private readonly IReplicas _hosts;
    private readonly NcclLibrary _nccl;
    private readonly delegate* unmanaged<nint, nint*, int> _addressOf;
    private nint _group;

    /// <summary>Prepares the meeting; the GPUs join in the first one, when each replica has chosen its own.</summary>
    /// <param name="hosts">Joins the processes.</param>
    /// <param name="library">NCCL.</param>
    /// <exception cref="ConfigurationException">This libtorch does not tell where a tensor lies.</exception>
    internal NcclReplicas(IReplicas hosts, NcclLibrary library)
    {
        (_hosts, _nccl) = (hosts, library);
        nint address = Libtorch.Export("aoti_torch_get_data_ptr");
        _addressOf = address != 0 ? (delegate* unmanaged<nint, nint*, int>)address
            : throw new ConfigurationException("replicas.engine=nccl does not work with this libtorch; set replicas.engine=mpi.");
    }

    /// <inheritdoc />
    public int Rank => _hosts.Rank;

    /// <inheritdoc />
    public int Count => _hosts.Count;

    /// <inheritdoc />
    public TimeSpan Met => _hosts.Met;

    /// <inheritdoc />
    public void Sum(Span<float> values) => _hosts.Sum(values);

    /// <inheritdoc />
    public void Sum(Span<double> values) => _hosts.Sum(values);

    /// <inheritdoc />
    public void Broadcast(Span<byte> bytes) => _hosts.Broadcast(bytes);

    /// <inheritdoc />
    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all) => _hosts.Gather(mine, all);

    /// <inheritdoc />
    public void Abort(int exitCode) => _hosts.Abort(exitCode);

    /// <inheritdoc />
    public void SumOnDevice(Tensor values)
    {
        var (type, address) = (values.dtype == ScalarType.Float64 ? NcclLibrary.Double : NcclLibrary.Float, AddressOf(values));
        _nccl.Check(_nccl.AllReduce(address, address, (nuint)values.numel(), type, NcclLibrary.Plus, Group(), DefaultStream), "ncclAllReduce");
    }

    /// <inheritdoc />
    public void BroadcastOnDevice(Tensor values)
    {
        nint address = AddressOf(values);
        _nccl.Check(_nccl.Broadcast(address, address, Bytes(values), NcclLibrary.Byte, 0, Group(), DefaultStream), "ncclBroadcast");
    }

    /// <inheritdoc />
    public void GatherOnDevice(Tensor mine, Tensor all) =>
        _nccl.Check(_nccl.AllGather(AddressOf(mine), AddressOf(all), Bytes(mine), NcclLibrary.Byte, Group(), DefaultStream), "ncclAllGather");

    /// <inheritdoc />
    public void Dispose()
    {
        if (_group != 0)
        {
            _nccl.Check(_nccl.Leave(_group), "ncclCommDestroy");
            _group = 0;
        }
        _hosts.Dispose();
    }

    private static nuint Bytes(Tensor values) => (nuint)(values.numel() * values.ElementSize);

    /// <summary>On the GPU that is current in this thread, which is that of the networks.</summary>
    private nint Group()
    {
        if (_group == 0)
        {
            NcclId id;
            if (this.IsFirst())
            {
                _nccl.Check(_nccl.NewId(&id), "ncclGetUniqueId");
            }
            _hosts.Broadcast(new Span<byte>(&id, sizeof(NcclId)));
            nint group;
            _nccl.Check(_nccl.Join(&group, Count, id, Rank), "ncclCommInitRank");
            _group = group;
        }
        return _group;
    }

    private nint AddressOf(Tensor values)
    {
        nint address;
        return _addressOf(values.Handle, &address) == 0 ? address : throw new InvalidOperationException("aoti_torch_get_data_ptr failed");
    }
}
