using SkiaSharp;

namespace ByolSharp.Images;

/// <summary>
/// A small built-in font, because the portable build of Skia brings none and a server may have none: the printable ASCII characters,
/// five pixels wide, seven high, two more below the line.
/// </summary>
internal static class PixelFont
{
    private const int Width = 5, Height = 9, CharactersPerBand = 16;
    private const char FirstCharacter = ' ', LastCharacter = '~';

    /// <summary>Pixels from one character to the next, before scaling.</summary>
    public const int Advance = Width + 1;

    /// <summary>Pixels of a line of text, before scaling.</summary>
    public const int LineHeight = Height;

    // Six bands of sixteen characters in the order of their codes, from the space on.
    private static readonly string[] _bands = """
        |        #    # #   # #    #   ##     ##     #      #   #                                       |
        |        #    # #   # #   #### ##  # #  #    #     #     #     #     #                         #|
        |        #         ##### # #      #  # #          #       #  # # #   #                        # |
        |        #          # #   ###    #    #           #       #   ###  #####       #####         #  |
        |        #         #####   # #  #    # # #        #       #  # # #   #                      #   |
        |                   # #  ####  #  ## #  #          #     #     #     #     #          ##   #    |
        |        #          # #    #      ##  ## #          #   #                  #          ##        |
        |                                                                         #                     |
        |                                                                                               |
        | ###    #    ###  #####    #  #####   ##  #####  ###   ###                 #         #     ### |
        |#   #  ##   #   #    #    ##  #      #        # #   # #   #  ##    ##     #           #   #   #|
        |#  ##   #       #   #    # #  ####  #        #  #   # #   #  ##    ##    #    #####    #      #|
        |# # #   #      #     #  #  #      # ####    #    ###   ####             #               #    # |
        |##  #   #     #       # #####     # #   #  #    #   #     #  ##     #    #    #####    #    #  |
        |#   #   #    #    #   #    #  #   # #   #  #    #   #    #   ##     #     #           #        |
        | ###   ###  #####  ###     #   ###   ###   #     ###   ##          #       #         #      #  |
        |                                                                                               |
        |                                                                                               |
        | ###   ###  ####   ###  ###   ##### #####  ###  #   #  ###    ### #   # #     #   # #   #  ### |
        |#   # #   # #   # #   # #  #  #     #     #   # #   #   #      #  #  #  #     ## ## #   # #   #|
        |# ### #   # #   # #     #   # #     #     #     #   #   #      #  # #   #     # # # ##  # #   #|
        |# # # ##### ####  #     #   # ####  ####  # ### #####   #      #  ##    #     # # # # # # #   #|
        |# ### #   # #   # #     #   # #     #     #   # #   #   #      #  # #   #     #   # #  ## #   #|
        |#     #   # #   # #   # #  #  #     #     #   # #   #   #   #  #  #  #  #     #   # #   # #   #|
        | ###  #   # ####   ###  ###   ##### #      #### #   #  ###   ##   #   # ##### #   # #   #  ### |
        |                                                                                               |
        |                                                                                               |
        |####   ###  ####   #### ##### #   # #   # #   # #   # #   # #####  ###         ###    #        |
        |#   # #   # #   # #       #   #   # #   # #   # #   # #   #     #  #    #        #   # #       |
        |#   # #   # #   # #       #   #   # #   # #   #  # #  #   #    #   #     #       #  #   #      |
        |####  #   # ####   ###    #   #   # #   # # # #   #    # #    #    #      #      #             |
        |#     # # # # #       #   #   #   # #   # # # #  # #    #    #     #       #     #             |
        |#     #  #  #  #      #   #   #   #  # #  # # # #   #   #   #      #        #    #             |
        |#      ## # #   # ####    #    ###    #    # #  #   #   #   #####  ###         ###        #####|
        |                                                                                               |
        |                                                                                               |
        | #          #               #         ##        #       #      #  #      ##                    |
        |  #         #               #        #  #       #                 #       #                    |
        |   #   ###  # ##   ###   ## #  ###   #     #### # ##   ##     ##  #  #    #   ## #  # ##   ### |
        |          # ##  # #     #  ## #   # ###   #   # ##  #   #      #  # #     #   # # # ##  # #   #|
        |       #### #   # #     #   # #####  #    #   # #   #   #      #  ##      #   # # # #   # #   #|
        |      #   # #   # #   # #   # #      #    #   # #   #   #      #  # #     #   #   # #   # #   #|
        |       #### ####   ###   ####  ###   #     #### #   #  ###     #  #  #   ###  #   # #   #  ### |
        |                                              #             #  #                               |
        |                                           ###               ##                                |
        |                         #                                           #    #    #               |
        |                         #                                          #     #     #              |
        |####   #### # ##   #### ###   #   # #   # #   # #   # #   # #####   #     #     #    #         |
        |#   # #   # ##  # #      #    #   # #   # #   #  # #  #   #    #   #      #      #  # # #      |
        |#   # #   # #      ###   #    #   # #   # # # #   #   #   #   #     #     #     #      #       |
        |#   # #   # #         #  #  # #  ##  # #  # # #  # #  #   #  #      #     #     #              |
        |####   #### #     ####    ##   ## #   #    # #  #   #  #### #####    #    #    #               |
        |#         #                                               #                                    |
        |#         #                                            ###                                     |
        """.Split('\n');

    /// <summary>Draws one line of text; characters outside ASCII appear as question marks.</summary>
    /// <param name="canvas">Where to draw.</param>
    /// <param name="text">What to draw.</param>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Upper edge of capital letters in pixels.</param>
    /// <param name="scale">Pixels of the canvas a pixel of the font.</param>
    /// <param name="color">Colour of the text.</param>
    public static void Draw(SKCanvas canvas, string text, int x, int y, int scale, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = false };
        foreach (char character in text)
        {
            for (int row = 0; row < Height; row++)
            {
                for (int column = 0; column < Width; column++)
                {
                    if (IsInk(character, row, column))
                    {
                        canvas.DrawRect(x + column * scale, y + row * scale, scale, scale, paint);
                    }
                }
            }

            x += Advance * scale;
        }
    }

    /// <summary>The text, shortened in its middle to at most this many characters: names differ most at their ends.</summary>
    public static string Fit(string text, int characters)
    {
        if (text.Length <= characters)
        {
            return text;
        }

        int tail = Math.Max(0, characters - 2) * 2 / 3, head = Math.Max(0, characters - 2 - tail);
        return characters < 4 ? text[..Math.Max(0, characters)] : string.Concat(text.AsSpan(0, head), "..", text.AsSpan(text.Length - tail));
    }

    private static bool IsInk(char character, int row, int column)
    {
        int code = (character is >= FirstCharacter and <= LastCharacter ? character : '?') - FirstCharacter;
        string line = _bands[code / CharactersPerBand * Height + row];
        return line[1 + code % CharactersPerBand * Advance + column] == '#';
    }
}
