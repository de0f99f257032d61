namespace ByolSharp.Export.Onnx;

/// <summary>As <see cref="IOnnxModule"/>, for an encoder of texts.</summary>
internal interface IOnnxTokenModule
{
    /// <summary>Adds the nodes of the forward pass in evaluation mode.</summary>
    /// <param name="graph">Where they go.</param>
    /// <param name="ids">Name of the numbers of the tokens, [N, tokens], integers.</param>
    /// <param name="mask">Name of what is 1 for a token and 0 behind the end of a text, [N, tokens], in the precision of the graph.</param>
    /// <returns>Name of the representations, [N, size].</returns>
    string EmitOnnx(OnnxGraph graph, string ids, string mask);
}
