using ByolSharp.Images;
using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>
/// <see cref="EvalTransform"/> (resize, then crop) as ONNX nodes. An axis is resized by a matrix that is made from the size of the images: ONNX's
/// own Resize has antialiasing from version 18 on only, rounds the scale, and would compute what the crop throws away.
/// </summary>
internal static class OnnxPreprocessing
{
    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">Where they go.</param>
    /// <param name="input">Images of one size, bytes or floats of 0 to 255.</param>
    /// <param name="layout">What the input is; not <see cref="OnnxInput.Views"/>.</param>
    /// <param name="metadata">Size and normalisation.</param>
    /// <returns>Normalised views [N, channels, size, size], single precision.</returns>
    public static string Emit(OnnxGraph graph, string input, OnnxInput layout, EncoderMetadata metadata)
    {
        string images = layout is OnnxInput.Uint8Nhwc or OnnxInput.Uint8Nchw ? ToFloat(graph, input) : input;
        string planes = layout is OnnxInput.Uint8Nhwc or OnnxInput.FloatNhwc ? graph.Node("Transpose", [images], ("perm", (long[])[0, 3, 1, 2])) : images;
        string size = graph.Node("Shape", [planes], ("start", 2L));
        string height = graph.Node("Gather", [size, graph.Integer(0)]), width = graph.Node("Gather", [size, graph.Integer(1)]);
        string shortSide = graph.Node("Min", [height, width]), longSide = graph.Node("Max", [height, width]);
        string resizedShort = ResizedShortSide(graph, shortSide, longSide, metadata.ImageSize);

        string rows = AxisMatrix(graph, height, shortSide, resizedShort, metadata.ImageSize);
        string columns = AxisMatrix(graph, width, shortSide, resizedShort, metadata.ImageSize);
        string mixed = graph.Node("MatMul", [rows, planes]);
        string views = graph.Node("MatMul", [mixed, graph.Node("Transpose", [columns], ("perm", (long[])[1, 0]))]);
        return Normalise(graph, views, metadata);
    }

    /// <summary>An image of the very size of the views stays as it is.</summary>
    private static string ResizedShortSide(OnnxGraph graph, string shortSide, string longSide, int imageSize)
    {
        string size = graph.Integer(imageSize);
        string isWhole = graph.Node("And", [graph.Node("Equal", [shortSide, size]), graph.Node("Equal", [longSide, size])]);
        return graph.Node("Where", [isWhole, size, graph.Integer(AxisWeights.ResizedShortSide(imageSize))]);
    }

    /// <summary>The weights of <see cref="AxisWeights"/> as a matrix [size, length].</summary>
    private static string AxisMatrix(OnnxGraph graph, string length, string shortSide, string resizedShort, int imageSize)
    {
        using var scope = NewDisposeScope();
        string resized = ToFloat(graph, graph.Node("Div", [graph.Node("Mul", [resizedShort, length]), shortSide]));
        string scale = graph.Node("Div", [ToFloat(graph, length), resized]);
        string excess = graph.Node("Sub", [resized, Single(graph, imageSize)]);
        string from = graph.Node("Round", [graph.Node("Mul", [excess, Single(graph, 0.5)])]);
        string outputs = graph.Constant(graph.UniqueName("outputs"), tensor(Enumerable.Range(0, imageSize).Select(i => i + 0.5f).ToArray()).view(-1, 1));
        string centres = graph.Node("Mul", [graph.Node("Add", [outputs, from]), scale]);
        string inputs = ToFloat(graph, graph.Node("Range", [graph.Integer(0), length, graph.Integer(1)]));
        string offsets = graph.Node("Sub", [graph.Node("Add", [inputs, Single(graph, 0.5)]), centres]);
        string widening = graph.Node("Max", [scale, Single(graph, 1)]);
        string weights = Cubic(graph, graph.Node("Div", [graph.Node("Abs", [offsets]), widening]));
        // Beyond the border there are no inputs, and the weights of the others sum to 1.
        string all = graph.Node("ReduceSum", [weights, graph.Integers(1)], ("keepdims", 1L));
        return graph.Node("Div", [weights, all]);
    }

    /// <summary>Keys 1981, a = -1/2: two polynomials of the distance.</summary>
    private static string Cubic(OnnxGraph graph, string x)
    {
        string near = Polynomial(graph, x, 1.5, -2.5, 0, 1), far = Polynomial(graph, x, -0.5, 2.5, -4, 2);
        string outer = graph.Node("Where", [graph.Node("Less", [x, Single(graph, 2)]), far, Single(graph, 0)]);
        return graph.Node("Where", [graph.Node("Less", [x, Single(graph, 1)]), near, outer]);
    }

    private static string Polynomial(OnnxGraph graph, string x, params double[] coefficients) => coefficients.Skip(1).Aggregate(
        Single(graph, coefficients[0]), (sum, c) => graph.Node("Add", [graph.Node("Mul", [sum, x]), Single(graph, c)]));

    /// <summary>To the scale 0 to 1, clipped as the bicubic kernel overshoots, then mean and deviation.</summary>
    private static string Normalise(OnnxGraph graph, string views, EncoderMetadata metadata)
    {
        using var scope = NewDisposeScope();
        string unit = graph.Node("Clip", [graph.Node("Mul", [views, Single(graph, 1.0 / byte.MaxValue)]), Single(graph, 0), Single(graph, 1)]);
        string factors = graph.Constant(graph.UniqueName("factors"), Channels(metadata.Std.Select(s => 1 / s)));
        string offsets = graph.Constant(graph.UniqueName("offsets"), Channels(metadata.Mean.Zip(metadata.Std, (m, s) => -m / s)));
        return graph.Node("Add", [graph.Node("Mul", [unit, factors]), offsets]);
    }

    private static Tensor Channels(IEnumerable<double> values) => tensor([.. values.Select(v => (float)v)]).view(-1, 1, 1);

    private static string ToFloat(OnnxGraph graph, string value) => graph.Node("Cast", [value], ("to", OnnxTypes.NumberOf(ScalarType.Float32)));

    private static string Single(OnnxGraph graph, double value)
    {
        using var number = tensor((float)value);
        return graph.Constant(graph.UniqueName("number"), number);
    }
}
