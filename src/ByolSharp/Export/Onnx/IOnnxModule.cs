namespace ByolSharp.Export.Onnx;

/// <summary>
/// A module that says how it becomes ONNX nodes. A backbone of your own implements it where it calls its parts in an order of its own;
/// <see cref="OnnxGraph.Emit"/> knows TorchSharp's convolutions, linear layers, normalisations, ReLU and sequences.
/// </summary>
public interface IOnnxModule
{
    /// <summary>Adds the nodes of the forward pass in evaluation mode.</summary>
    /// <param name="graph">Where they go.</param>
    /// <param name="input">Name of the value that the module is called with.</param>
    /// <returns>Name of the value that it returns.</returns>
    string EmitOnnx(OnnxGraph graph, string input);
}
