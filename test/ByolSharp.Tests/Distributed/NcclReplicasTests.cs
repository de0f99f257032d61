using System.Diagnostics;
using ByolSharp.Distributed;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Distributed;

/// <summary>
/// The calls that NCCL would get, by a library with its functions that computes on the CPU as if all replicas had the same values. Nothing here shows that
/// GPUs meet: that needs one.
/// </summary>
public sealed class NcclReplicasTests : IDisposable
{
    private const string Library = """
        #include <stdlib.h>
        #include <string.h>
        typedef struct { char bytes[128]; } id;
        int ncclGetUniqueId(id *out) { memset(out->bytes, 7, 128); return 0; }
        int ncclCommInitRank(int **group, int count, id which, int rank) {
          if (which.bytes[0] != 7 || which.bytes[127] != 7) return 1;
          *group = malloc(2 * sizeof(int)); (*group)[0] = count; (*group)[1] = rank; return 0; }
        int ncclCommDestroy(int *group) { free(group); return 0; }
        int ncclAllReduce(const void *from, void *to, size_t n, int type, int plus, int *group, void *stream) {
          if (plus != 0 || stream) return 2;
          for (size_t i = 0; i < n; i++)
            if (type == 7) ((float *)to)[i] = ((const float *)from)[i] * group[0];
            else if (type == 8) ((double *)to)[i] = ((const double *)from)[i] * group[0];
            else return 3;
          return 0; }
        int ncclBroadcast(const void *from, void *to, size_t n, int type, int root, int *group, void *stream) {
          if (type != 1 || root != 0 || stream) return 4;
          if (group[1] != root) memset(to, 0, n);
          return 0; }
        int ncclAllGather(const void *from, void *to, size_t n, int type, int *group, void *stream) {
          if (type != 1 || stream) return 5;
          for (int i = 0; i < group[0]; i++) memcpy((char *)to + i * n, from, n);
          return 0; }
        const char *ncclGetErrorString(int error) { return "planted"; }
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_meeting_is_the_right_call()
    {
        var library = new NcclLibrary(Compile());
        var found = ThreadReplicas.Run(2, hosts =>
        {
            using var scope = NewDisposeScope();
            using var replicas = new NcclReplicas(hosts, library);
            Tensor single = arange(5, float32), wide = arange(3, float64), first = arange(4, int64), all = zeros(2, 3, float32), mine = arange(3, float32).view(1, 3);
            replicas.SumOnDevice(single);
            replicas.SumOnDevice(wide);
            replicas.BroadcastOnDevice(first);
            replicas.GatherOnDevice(mine, all);
            return (Single: single.data<float>().ToArray(), Wide: wide.data<double>().ToArray(), First: first.data<long>().ToArray(), All: all.data<float>().ToArray());
        });

        Assert.All(found, one =>
        {
            Assert.Equal([0f, 2, 4, 6, 8], one.Single);
            Assert.Equal([0d, 2, 4], one.Wide);
            Assert.Equal([0f, 1, 2, 0, 1, 2], one.All);
        });
        Assert.Equal([0L, 1, 2, 3], found[0].First);
        Assert.Equal([0L, 0, 0, 0], found[1].First); // the planted library clears what is not the first replica's
    }

    [Fact]
    public void Without_the_library_it_says_what_to_do()
    {
        var error = Assert.Throws<ConfigurationException>(() => new NcclLibrary(_folder.Of("none.so")));

        Assert.Contains("replicas.engine=mpi", error.Message, StringComparison.Ordinal);
    }

    private string Compile()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/gcc"), "a C compiler makes the library that is called");
        string source = _folder.Of("nccl.c"), library = _folder.Of("libnccl.so");
        File.WriteAllText(source, Library);
        using var compiler = Process.Start("/usr/bin/gcc", ["-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return library;
    }
}
