#!/bin/bash
# Eight replicas on two nodes under Slurm: sbatch deploy/slurm.sh DATA RUN
# Before the time is over, or when the job is preempted, the replicas get SIGTERM, save and end; the job then queues itself again and goes on.
#SBATCH --job-name=byol
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --cpus-per-task=8
#SBATCH --time=08:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
srun --mpi=pmix --kill-on-bad-exit=1 byol pretrain "$1" --out "$2" --resume --batch-size 1024
if [ $? -eq 130 ]; then
  scontrol requeue "$SLURM_JOB_ID" # interrupted, checkpoint saved
fi
