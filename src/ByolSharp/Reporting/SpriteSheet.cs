using SkiaSharp;

namespace ByolSharp.Reporting;

/// <summary>Many small pictures in one, of which the page shows pieces.</summary>
internal static class SpriteSheet
{
    private const int PictureQuality = 85;

    /// <summary>Tiles of samples.</summary>
    /// <param name="count">How many.</param>
    /// <param name="tile">Pixels of a tile.</param>
    /// <param name="shown">Pixels of a tile on the page, of the same shape; larger ones are enlarged without smoothing.</param>
    /// <param name="draw">Draws a tile by its number into its place.</param>
    internal static SampleTiles Of(int count, SKSizeI tile, SKSizeI shown, Action<int, SKCanvas, SKRectI> draw)
    {
        int columns = Math.Max(1, (int)Math.Ceiling(Math.Sqrt((double)count * tile.Height / tile.Width)));
        int rows = Math.Max(1, (count + columns - 1) / columns);
        using var sheet = new SKBitmap(new SKImageInfo(columns * tile.Width, rows * tile.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        for (int place = 0; place < count; place++)
        {
            draw(place, canvas, SKRectI.Create(place % columns * tile.Width, place / columns * tile.Height, tile.Width, tile.Height));
        }
        canvas.Flush();
        var style = Html.Of($$"""
            :root { --tile: {{shown.Width}}px }
            .tile { background: url({{Picture(sheet)}}) 0 0 / {{columns * shown.Width}}px auto; width: {{shown.Width}}px; height: {{shown.Height}}px; image-rendering: {{(tile.Width < shown.Width ? "pixelated" : "auto")}} }
            """);
        return new(style, [.. Enumerable.Range(0, count).Select(place => Html.Of(
            $"<i class=\"tile\" style=\"background-position:{-(place % columns) * shown.Width}px {-(place / columns) * shown.Height}px\"></i>"))]);
    }

    /// <summary>A picture that stands in the page itself.</summary>
    internal static string Picture(SKBitmap bitmap)
    {
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Webp, PictureQuality);
        return $"data:image/webp;base64,{Convert.ToBase64String(encoded.AsSpan())}";
    }

    /// <summary>Draws a [channels, size, size] view as it was before its normalisation.</summary>
    internal static void Draw(SKCanvas canvas, SKRectI place, ReadOnlyMemory<float> view, int size, Export.EncoderMetadata encoder)
    {
        int area = size * size, channels = view.Length / area;
        using var bitmap = Images.SheetDrawing.ToBitmap(size, size, channels, (pixel, c) => view.Span[c * area + pixel] * encoder.Std[c] + encoder.Mean[c]);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear), null);
    }
}
