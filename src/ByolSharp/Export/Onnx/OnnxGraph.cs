using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>
/// Collects the nodes and weights of an ONNX graph; nodes come in the order of their execution. Values are known by name, and names start with
/// the path of the module, so that a graph can be read beside a state dict.
/// </summary>
public sealed class OnnxGraph
{
    private readonly HashSet<string> _names = [];
    private readonly List<string> _path = [];
    private int _count;

    /// <summary>An empty graph.</summary>
    /// <param name="opset">Version of the operators.</param>
    /// <param name="precision">Of weights and arithmetic.</param>
    internal OnnxGraph(int opset, OnnxPrecision precision)
    {
        Opset = opset;
        Precision = precision == OnnxPrecision.Half ? ScalarType.Float16 : ScalarType.Float32;
        IsQuantised = precision == OnnxPrecision.Int8;
    }

    /// <summary>Version of ONNX's operators that the nodes are written for.</summary>
    public int Opset { get; }

    /// <summary>Element type of the network's values: Float32 or Float16.</summary>
    internal ScalarType Precision { get; }

    /// <summary>Whether large weights are stored as bytes (<see cref="OnnxQuantisation"/>).</summary>
    internal bool IsQuantised { get; }

    /// <summary>Nodes and weights so far.</summary>
    internal OnnxMessage Content { get; } = new();

    /// <summary>Adds a module's nodes.</summary>
    /// <param name="name">The module's name inside the one that is being added, for names that can be read; empty for a whole network.</param>
    /// <param name="module">The module.</param>
    /// <param name="input">Name of its input.</param>
    /// <returns>Name of its output.</returns>
    /// <exception cref="ConfigurationException">A module is neither a known layer nor an <see cref="IOnnxModule"/>.</exception>
    public string Emit(string name, nn.Module<Tensor, Tensor> module, string input) =>
        Inside(name, () => module is IOnnxModule own ? own.EmitOnnx(this, input) : OnnxLayers.Emit(this, module, input));

    /// <summary>Adds nodes whose names start with that of a module.</summary>
    internal string Inside(string name, Func<string> emit)
    {
        _path.Add(name);
        try
        {
            return emit();
        }
        finally
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    /// <summary>Adds one node.</summary>
    /// <param name="operation">An operator of the ONNX specification, such as <c>Conv</c>.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="attributes">Names with values of type <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or a list of <see cref="long"/>.</param>
    /// <returns>Name of its first output.</returns>
    public string Node(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Nodes(1, operation, inputs, attributes)[0];

    /// <summary>As <see cref="Node"/>, for one with several outputs.</summary>
    internal string[] Nodes(int outputCount, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        string[] outputs = [.. Enumerable.Range(0, outputCount).Select(_ => Scoped(UniqueName(operation)))];
        var node = new OnnxMessage();
        foreach (string input in inputs)
        {
            node.Add(1, input);
        }
        foreach (string output in outputs)
        {
            node.Add(2, output);
        }
        node.Add(3, outputs[0]).Add(4, operation);
        foreach ((string name, object value) in attributes)
        {
            node.Add(5, Attribute(name, value));
        }
        Content.Add(1, node);
        return outputs;
    }

    /// <summary>Adds a weight in the precision of the graph.</summary>
    /// <param name="name">Its name inside the module, such as <c>weight</c>.</param>
    /// <param name="value">Its values; any strides and device.</param>
    /// <returns>Name of the value.</returns>
    /// <exception cref="ConfigurationException">A value is beyond the range of half precision.</exception>
    public string Weight(string name, Tensor value)
    {
        using var scope = NewDisposeScope();
        var converted = value.detach().to_type(Precision);
        if (!isfinite(converted).all().item<bool>())
        {
            throw new ConfigurationException($"{Scoped(name)} holds values that half precision cannot: export in single precision.");
        }
        return Constant(name, converted);
    }

    /// <summary>Adds one number in the precision of the graph.</summary>
    public string Number(double value)
    {
        using var number = tensor((float)value);
        return Weight(UniqueName("number"), number);
    }

    /// <summary>Adds a list of integers, as shapes and axes are.</summary>
    public string Integers(params long[] values)
    {
        using var list = tensor(values);
        return Constant(UniqueName("integers"), list);
    }

    /// <summary>Adds one integer without dimensions, as an index is.</summary>
    public string Integer(long value)
    {
        using var index = tensor(value);
        return Constant(UniqueName("integer"), index);
    }

    /// <summary>Adds values of the type that they have: Float32, Float16, Int64 or bytes.</summary>
    internal string Constant(string name, Tensor value)
    {
        string full = Scoped(name);
        if (!_names.Add(full))
        {
            throw new ArgumentException($"two weights are named '{full}'", nameof(name));
        }
        using var scope = NewDisposeScope();
        Content.Add(5, new OnnxMessage()
            .Add(1, value.shape)
            .Add(2, OnnxTypes.NumberOf(value.dtype))
            .Add(8, full)
            .Add(9, value.detach().cpu().contiguous().bytes.ToArray()));
        return full;
    }

    /// <summary>The value as another type; itself where nothing changes.</summary>
    internal string Cast(string value, ScalarType to) =>
        Precision == ScalarType.Float32 ? value : Node("Cast", [value], ("to", OnnxTypes.NumberOf(to)));

    /// <summary>A name for a constant that is no weight.</summary>
    internal string UniqueName(string what) => $"{what}_{_count++}";

    private string Scoped(string name) => string.Join('.', _path.Where(part => part.Length > 0).Append(name));

    private static OnnxMessage Attribute(string name, object value)
    {
        var attribute = new OnnxMessage().Add(1, name);
        return value switch
        {
            double number => attribute.Add(2, (float)number).Add(20, 1),
            long integer => attribute.Add(3, integer).Add(20, 2),
            string text => attribute.Add(4, text).Add(20, 3),
            IEnumerable<long> list => attribute.Add(8, list).Add(20, 7),
            _ => throw new ArgumentException($"attribute '{name}' is of type {value.GetType().Name}", nameof(value)),
        };
    }
}
