using ByolSharp.Onnx;
using ByolSharp.Search;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;

namespace ByolSharp.Serve;

/// <summary>What clients can ask for. Names that they send are looked up in the index and never opened as files.</summary>
/// <param name="generator">Embeds images.</param>
/// <param name="model">Name of the encoder.</param>
/// <param name="matrix">What is searched, or null.</param>
internal sealed class Endpoints(ImageEmbeddingGenerator generator, string model, RepresentationMatrix? matrix)
{
    private const int DefaultCount = 10, MaxCount = 1000;

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => new HealthAnswer("ok", model, matrix?.Count ?? 0)).DisableRateLimiting()
            .WithSummary("Whether the server works; needs no key.");
        routes.MapPost("/embed", Embed).TakesImage().WithSummary("The representation of an image, which is the body.");
        if (matrix is not null)
        {
            routes.MapPost("/search", SearchByImage).TakesImage().WithSummary("The indexed samples most similar to an image, which is the body.");
            routes.MapGet("/search", SearchByName).WithSummary("The indexed samples most similar to one of them.");
        }
    }

    private async Task<Results<Ok<EmbedAnswer>, ProblemHttpResult>> Embed(HttpRequest request, CancellationToken cancellation)
    {
        var (representation, problem) = await RepresentationOf(request, cancellation);
        return representation is null ? problem! : TypedResults.Ok(new EmbedAnswer(model, representation));
    }

    private async Task<Results<Ok<SearchAnswer>, ProblemHttpResult>> SearchByImage(HttpRequest request, CancellationToken cancellation, int k = DefaultCount)
    {
        if (ProblemWith(k) is { } bad)
        {
            return bad;
        }
        var (representation, problem) = await RepresentationOf(request, cancellation);
        return representation is null ? problem! : TypedResults.Ok(new SearchAnswer(matrix!.Nearest(representation, k, cancellation: cancellation)));
    }

    private Results<Ok<SearchAnswer>, ProblemHttpResult> SearchByName(string name, CancellationToken cancellation, int k = DefaultCount)
    {
        int place = matrix!.IndexOf(name);
        return ProblemWith(k) is { } bad ? bad
            : place < 0 ? Problem(StatusCodes.Status404NotFound, "the index has no such sample.")
            : TypedResults.Ok(new SearchAnswer(matrix.Nearest(matrix[place].ToArray(), k, except: place, cancellation)));
    }

    private async Task<(float[]? Representation, ProblemHttpResult? Problem)> RepresentationOf(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellation);
            var image = new DataContent(body.GetBuffer().AsMemory(0, (int)body.Length), "application/octet-stream");
            var embeddings = await generator.GenerateAsync([image], cancellationToken: cancellation);
            return (embeddings[0].Vector.ToArray(), null);
        }
        catch (BadHttpRequestException e)
        {
            return (null, Problem(e.StatusCode, e.Message)); // the body is too large, too slow or broken off
        }
        catch (InvalidDataException e)
        {
            return (null, Problem(StatusCodes.Status400BadRequest, e.Message));
        }
    }

    private static ProblemHttpResult? ProblemWith(int k) => k is >= 1 and <= MaxCount ? null : Problem(StatusCodes.Status400BadRequest, $"k must be 1 to {MaxCount}.");

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}

/// <summary>How an endpoint that takes an image is described.</summary>
internal static class ImageEndpoints
{
    internal static RouteHandlerBuilder TakesImage(this RouteHandlerBuilder endpoint) =>
        endpoint.Accepts<Stream>("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "application/octet-stream").DisableAntiforgery();
}
