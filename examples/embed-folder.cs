#:project ../src/ByolSharp.Onnx/ByolSharp.Onnx.csproj
#:property ByolBackend=none
using System.Numerics.Tensors;
using ByolSharp.Onnx;
using Microsoft.Extensions.AI;

if (args is not [var encoder, var folder])
{
    Console.Error.WriteLine("dotnet run embed-folder.cs ENCODER.onnx FOLDER");
    return 2;
}
string[] files = [.. Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories).Order()];
using var generator = new ImageEmbeddingGenerator(encoder, new() { Normalise = true });
var embeddings = await generator.GenerateAsync(files.Select(file => new DataContent(File.ReadAllBytes(file), "image/jpeg")));
Console.WriteLine($"{embeddings.Count} images; nearest neighbours by cosine:");
for (int i = 0; i < files.Length; i++)
{
    int nearest = Enumerable.Range(0, files.Length).Where(j => j != i)
        .MaxBy(j => TensorPrimitives.Dot(embeddings[i].Vector.Span, embeddings[j].Vector.Span));
    Console.WriteLine($"{Path.GetRelativePath(folder, files[i])}  {Path.GetRelativePath(folder, files[nearest])}");
}
return 0;
