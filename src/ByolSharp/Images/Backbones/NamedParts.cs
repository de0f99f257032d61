using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// A part of a network that registers what it is made of by hand, under the names that Python knows. TorchSharp would register every field that
/// is a module a second time, under the field's name, as soon as the part is put into another module.
/// </summary>
internal abstract class NamedParts(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Does nothing: all is registered already.</summary>
    protected sealed override void RegisterComponents() { }
}
