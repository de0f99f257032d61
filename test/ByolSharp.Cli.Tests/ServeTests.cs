using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Tests;

/// <summary>The server answers those who have the key, and sends away what would harm it.</summary>
public sealed class ServeTests(ByolServer server) : IClassFixture<ByolServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Name => "class0/image000.png";

    private byte[] Image => File.ReadAllBytes(Path.Combine(server.Data, Name));

    [Fact]
    public async Task An_image_finds_itself_and_by_its_name_its_neighbours()
    {
        var embedded = await Json(server.Client.PostAsync("embed", ByolServer.Body(Image), Token));
        var byImage = await Json(server.Client.PostAsync("search?k=3", ByolServer.Body(Image, "application/octet-stream"), Token));
        var byName = await Json(server.Client.GetAsync($"search?k=2&name={Uri.EscapeDataString(Name)}", Token));

        Assert.NotEmpty(embedded["representation"]!.AsArray());
        Assert.Equal(3, byImage["neighbours"]!.AsArray().Count);
        Assert.Equal((Name, "class0"), (byImage["neighbours"]![0]!["name"]!.GetValue<string>(), byImage["neighbours"]![0]!["label"]!.GetValue<string>()));
        Assert.Equal(1, byImage["neighbours"]![0]!["similarity"]!.GetValue<float>(), 1e-4f);
        Assert.Equal(byImage["neighbours"]![1]!["name"]!.GetValue<string>(), byName["neighbours"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Requests_of_the_same_time_get_the_answers_of_lone_ones()
    {
        string[] files = [.. Directory.GetFiles(server.Data, "*.png", SearchOption.AllDirectories).Order()];
        var alone = new List<float[]>();
        foreach (string file in files)
        {
            alone.Add(await Embed(file));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 8 * files.Length).Select(i => Embed(files[i % files.Length])));

        Assert.All(together.Select((y, i) => (y, alone[i % files.Length])), pair => Assert.All(pair.y.Zip(pair.Item2), v => Assert.Equal(v.Second, v.First, 1e-4f)));

        async Task<float[]> Embed(string file) =>
            [.. (await Json(server.Client.PostAsync("embed", ByolServer.Body(File.ReadAllBytes(file)), Token)))["representation"]!.AsArray().Select(v => v!.GetValue<float>())];
    }

    [Theory]
    [InlineData("embed", null)]
    [InlineData("search?name=x", null)]
    [InlineData("metrics", null)]
    [InlineData("openapi/v1.json", null)]
    [InlineData("embed", "a key for test")]
    [InlineData("embed", "a key for tests and more")]
    [InlineData("embed", "")]
    public async Task Without_the_key_nothing_is_answered(string path, string? key)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", key);
        }
        var answer = path == "embed" ? await client.PostAsync(path, ByolServer.Body(Image), Token) : await client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.DoesNotContain("representation", await answer.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Health_needs_no_key_and_either_header_carries_it()
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        var health = await Json(client.GetAsync("healthz", Token));
        client.DefaultRequestHeaders.Add("X-Api-Key", ByolServer.Key);

        Assert.Equal(("ok", ByolServer.Images), (health["status"]!.GetValue<string>(), health["indexed"]!.GetValue<int>()));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("embed", ByolServer.Body(Image), Token)).StatusCode);
    }

    [Fact]
    public async Task Metrics_count_and_the_description_names_all_paths()
    {
        await server.Client.PostAsync("embed", ByolServer.Body(Image), Token);
        string metrics = await server.Client.GetStringAsync("metrics", Token);
        var paths = (await Json(server.Client.GetAsync("openapi/v1.json", Token)))["paths"]!.AsObject();

        Assert.Contains("byolsharp_images_total", metrics, StringComparison.Ordinal);
        Assert.Contains("byolsharp_batch_size_bucket", metrics, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_bucket", metrics, StringComparison.Ordinal);
        Assert.Equal(["/embed", "/healthz", "/search"], paths.Select(p => p.Key).Order());
    }

    [Fact]
    public async Task What_is_no_image_is_refused_and_the_server_goes_on()
    {
        byte[] image = Image;
        byte[][] bodies = [[], [0], "this is no image"u8.ToArray(), image[..(image.Length / 2)], Bomb(60_000, 60_000), new byte[1000]];
        foreach (byte[] body in bodies)
        {
            var answer = await server.Client.PostAsync("embed", ByolServer.Body(body), Token);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
        Assert.Contains("too large", await (await server.Client.PostAsync("embed", ByolServer.Body(Bomb(600, 600)), Token)).Content.ReadAsStringAsync(Token));
        Assert.Equal(HttpStatusCode.OK, (await server.Client.PostAsync("embed", ByolServer.Body(image), Token)).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_huge_body_is_refused_before_it_is_taken(bool isChunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "embed") { Content = ByolServer.Body(new byte[ByolServer.MaxBody + 1]) };
        request.Headers.TransferEncodingChunked = isChunked;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.Client.SendAsync(request, Token)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "search?name=../../../../etc/passwd", 404)]
    [InlineData("GET", "search?name=%2Fetc%2Fpasswd", 404)]
    [InlineData("GET", "search?name=..%5C..%5Csecret%00", 404)]
    [InlineData("GET", "search", 400)]
    [InlineData("GET", "search?name=x&k=0", 400)]
    [InlineData("GET", "search?name=x&k=1001", 400)]
    [InlineData("GET", "search?name=x&k=many", 400)]
    [InlineData("GET", "embed", 405)]
    [InlineData("GET", "elsewhere", 404)]
    public async Task Odd_requests_get_their_code(string method, string path, int code)
    {
        using var request = new HttpRequestMessage(new(method), path);

        Assert.Equal(code, (int)(await server.Client.SendAsync(request, Token)).StatusCode);
    }

    [Theory]
    [InlineData("GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nX-Api-Key: a key for tests\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nX-Api-Key: a key for tests\r\nConnection: close\r\n\r\n")]
    [InlineData("this is no request\r\n\r\n")]
    [InlineData("POST /embed HTTP/1.1\r\nHost: x\r\nX-Api-Key: a key for tests\r\nContent-Length: -5\r\n\r\n")]
    public async Task Bytes_that_no_client_sends_are_refused(string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(server.Address.Host, server.Address.Port, Token);
        using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        using var reader = new StreamReader(stream);
        string answer = await reader.ReadToEndAsync(Token);

        Assert.StartsWith("HTTP/1.1 40", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> Json(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        string text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>A few hundred bytes that unpack to a black image of this size, as a PNG.</summary>
    private static byte[] Bomb(int width, int height)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 1; // bits a pixel, grey
        Chunk("IHDR", header);
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            packed.Write(new byte[Math.Min(1 << 22, (width / 8 + 1) * height)]);
        }
        Chunk("IDAT", rows.ToArray());
        Chunk("IEND", []);
        return file.ToArray();

        void Chunk(string name, byte[] content)
        {
            byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content], number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
            file.Write(number);
            file.Write(named);
            BinaryPrimitives.WriteUInt32BigEndian(number, System.IO.Hashing.Crc32.HashToUInt32(named));
            file.Write(number);
        }
    }
}
