using System.Threading.RateLimiting;
using ByolSharp.Onnx;
using ByolSharp.Search;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace ByolSharp.Serve;

/// <summary>
/// Embeddings and search over HTTP: <c>/embed</c>, <c>/search</c>, <c>/healthz</c>, <c>/metrics</c>, <c>/openapi/v1.json</c>. Reads no
/// configuration but its options, so neither an environment variable nor a file in the working folder opens it to others.
/// </summary>
public static class EmbeddingServer
{
    private const string HealthPath = "/healthz";
    private static readonly string[] Meters = [EmbeddingMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <summary>Loads encoder and index, and prepares a server; start it by <c>StartAsync</c>, dispose it at the end.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">Encoder or index are not there.</exception>
    /// <exception cref="InvalidDataException">They are not what they should be, or the index was made by another encoder.</exception>
    public static WebApplication Create(ServerOptions options)
    {
        options.Validate();
        var generator = new ImageEmbeddingGenerator(options.Encoder, new() { BatchSize = options.BatchSize, MaxPixels = options.MaxPixels, ShareBatches = true });
        try
        {
            var matrix = options.Index is null ? null : Load(options.Index, (OnnxEncoder)generator.GetService(typeof(OnnxEncoder))!);
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options));
            builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
            builder.Services.AddSingleton(_ => generator); // disposed with the server
            builder.Services.AddRouting().AddProblemDetails().AddOpenApi()
                .AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new() { Timeout = options.Timeout, TimeoutStatusCode = StatusCodes.Status504GatewayTimeout })
                .AddRateLimiter(limiter => Limit(limiter, options));
            builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
            var server = builder.Build();
            Assemble(server, options);
            new Endpoints(server.Services.GetRequiredService<ImageEmbeddingGenerator>(), Path.GetFileNameWithoutExtension(options.Encoder), matrix).Map(server);
            return server;
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    private static void Assemble(WebApplication server, ServerOptions options)
    {
        server.UseExceptionHandler().UseStatusCodePages();
        if (options.ApiKey is { } key)
        {
            var gate = new ApiKeyGate(key);
            server.Use(async (context, next) =>
            {
                if (context.Request.Path == HealthPath || gate.Allows(context.Request))
                {
                    await next(context);
                    return;
                }
                context.Response.Headers.WWWAuthenticate = "Bearer";
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            });
        }
        server.UseRouting().UseRequestTimeouts().UseRateLimiter();
        server.MapOpenApi().DisableRateLimiting();
        server.MapPrometheusScrapingEndpoint().DisableRateLimiting();
    }

    private static void Limit(KestrelServerOptions kestrel, ServerOptions options)
    {
        const int connectionsARequest = 8;
        kestrel.Listen(options.Address, options.Port);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = (long)connectionsARequest * options.MaxRequests;
        kestrel.Limits.RequestHeadersTimeout = options.Timeout;
    }

    private static void Limit(RateLimiterOptions limiter, ServerOptions options)
    {
        limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(_ =>
            RateLimitPartition.GetConcurrencyLimiter(0, _ => new() { PermitLimit = options.MaxRequests, QueueLimit = 0 }));
    }

    private static RepresentationMatrix Load(string path, OnnxEncoder encoder)
    {
        using var index = RepresentationIndex.Open(path);
        return index.Encoder.Fingerprint == encoder.Fingerprint && index.Encoder.RepresentationSize == encoder.RepresentationSize
            ? index.Load()
            : throw new InvalidDataException($"'{path}' was made by another encoder{(index.Encoder.Source is { } other ? $" ({other})" : "")}: index the data by this one.");
    }
}
