using ByolSharp.Search;

namespace ByolSharp.Serve;

/// <summary>What <c>/embed</c> answers.</summary>
/// <param name="Model">Name of the encoder's file.</param>
/// <param name="Representation">Its numbers.</param>
internal sealed record EmbedAnswer(string Model, float[] Representation);

/// <summary>What <c>/search</c> answers.</summary>
/// <param name="Neighbours">The most similar first.</param>
internal sealed record SearchAnswer(IReadOnlyList<Neighbour> Neighbours);

/// <summary>What <c>/healthz</c> answers.</summary>
/// <param name="Status"><c>ok</c>.</param>
/// <param name="Model">Name of the encoder's file.</param>
/// <param name="Indexed">Samples that can be found.</param>
internal sealed record HealthAnswer(string Status, string Model, int Indexed);
