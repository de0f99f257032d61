using System.Globalization;
using BenchmarkDotNet.Running;
using ByolSharp;
using ByolSharp.Benchmarks;

if (args is ["write-png", var data, var folder])
{
    Console.WriteLine($"{PngFolder.Write(data, folder):N0} images in {folder}");
    return 0;
}

if (args is ["write-png", ..])
{
    Console.Error.WriteLine("usage: write-png CIFAR-DIR OUT");
    return 2;
}

if (args is ["search", var samples, var length])
{
    SearchMeasurement.Run(int.Parse(samples, CultureInfo.InvariantCulture), int.Parse(length, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["video", var videos])
{
    VideoReadMeasurement.Run(videos);
    return 0;
}

TorchRuntime.Initialize(threads: 1);
BenchmarkSwitcher.FromAssembly(typeof(KernelConfig).Assembly).Run(args, new KernelConfig());
return 0;
