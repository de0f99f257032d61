using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>The device that the option <c>device</c> names.</summary>
internal static class ComputeDevice
{
    private const string Cuda = "cuda";

    /// <summary>Throws unless the text is cpu, cuda or cuda:N.</summary>
    internal static void Validate(string text) => Parse(text);

    /// <summary>The device, which is there and can be used.</summary>
    /// <param name="text">cpu, cuda or cuda:N.</param>
    /// <exception cref="ConfigurationException">No such device, and what to do for it.</exception>
    internal static Device Open(string text)
    {
        var (type, index) = Parse(text);
        if (type == DeviceType.CPU)
        {
            return CPU;
        }
        if (!Libtorch.HasCuda)
        {
            throw new ConfigurationException(
                $"device = {text}: this libtorch ({Libtorch.Path}) is for CPUs; set {ExternalLibtorch.Variable} to the torch/lib folder of a PyTorch "
                + $"{Libtorch.Required} for CUDA, or build with -p:ByolBackend=cuda.");
        }
        if (!cuda.is_available())
        {
            throw new ConfigurationException(
                $"device = {text}: no GPU can be used; see that nvidia-smi lists one, that the driver is new enough, and what CUDA_VISIBLE_DEVICES hides.");
        }
        if (index >= cuda.device_count())
        {
            throw new ConfigurationException($"device = {text}: there are {cuda.device_count()} GPUs, counted from 0.");
        }
        return new Device(DeviceType.CUDA, index);
    }

    private static (DeviceType Type, int Index) Parse(string text)
    {
        string[] parts = text.Split(':');
        int index = 0;
        return parts[0] switch
        {
            "cpu" when parts.Length == 1 => (DeviceType.CPU, 0),
            Cuda when parts.Length == 1 => (DeviceType.CUDA, 0),
            Cuda when parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index) => (DeviceType.CUDA, index),
            _ => throw new ConfigurationException($"device = {text} does not work: give cpu, cuda or cuda:N."),
        };
    }
}
