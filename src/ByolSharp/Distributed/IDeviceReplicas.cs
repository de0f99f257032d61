using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>Replicas that meet over memory of GPUs too.</summary>
internal interface IDeviceReplicas
{
    /// <summary>Sums a contiguous tensor of floats or doubles in place.</summary>
    void SumOnDevice(Tensor values);

    /// <summary>Replaces a contiguous tensor by the first replica's.</summary>
    void BroadcastOnDevice(Tensor values);

    /// <summary>Puts the contiguous tensors of all, rank after rank, into another.</summary>
    void GatherOnDevice(Tensor mine, Tensor all);
}
