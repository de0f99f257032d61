namespace ByolSharp.Tuning;

/// <summary>Carries tau, the target's decay, to other batch sizes and lengths.</summary>
public static class TargetDecay
{
    /// <summary>
    /// How fast 1 - tau falls with the samples that a training sees. From the authors' own schedules, which go from 0.97 at 40 epochs to 0.996 at
    /// 1000: ln(0.03 / 0.004) / ln(1000 / 40).
    /// </summary>
    public const double LengthExponent = 0.63;

    /// <summary>
    /// tau for another batch size: tau^(batch / reference). The target then forgets as much per sample as before (Busbridge et al. 2023,
    /// arXiv 2307.13813); the paper's 0.9995 at batch 512 is its 0.996 at 4096 by this rule.
    /// </summary>
    /// <param name="tau">tau at the reference, 0 to 1.</param>
    /// <param name="referenceBatch">Samples a step that tau was chosen for, 1 or more.</param>
    /// <param name="batch">Samples a step, 1 or more.</param>
    public static double ForBatch(double tau, int referenceBatch, int batch) => Math.Pow(tau, (double)batch / referenceBatch);

    /// <summary>tau for another length: a training that sees fewer samples wants a target that follows faster.</summary>
    /// <param name="tau">tau at the reference, 0 to 1.</param>
    /// <param name="referenceSamples">Samples, repeats included, of the training that tau was chosen for, above 0.</param>
    /// <param name="samples">Samples, repeats included, above 0.</param>
    public static double ForLength(double tau, double referenceSamples, double samples) =>
        Math.Pow(tau, Math.Pow(referenceSamples / samples, LengthExponent));
}
