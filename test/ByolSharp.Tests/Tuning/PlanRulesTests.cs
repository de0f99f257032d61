using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class PlanRulesTests
{
    private static readonly PlanCandidate Small = PlanCandidate.All[0];

    [Theory]
    [InlineData(4096, 40 * 1_281_167.0, 4096)]
    [InlineData(256, 1e6, 256)]
    [InlineData(256, 5e5, 128)] // 1,953 steps of 256
    [InlineData(4096, 5e5, 128)]
    [InlineData(128, 1e3, 128)]
    public void The_batch_is_halved_while_there_would_be_too_few_steps(int reference, double samples, int expected) =>
        Assert.Equal(expected, PlanRules.BatchSize(reference, samples));

    [Fact]
    public void Tau_of_the_authors_fast_set_up_is_near_what_the_rules_make_of_the_long_one() // batch 256, 1000 epochs of Imagenette: 0.996
        => Assert.Equal(0.9945, PlanRules.Tau(0.996, 4096, 256, 1000 * 1_281_167.0, 1000 * 9_469.0), 1e-12);

    [Fact]
    public void The_length_that_a_recipe_was_made_for_keeps_its_numbers()
    {
        var values = PlanRules.Apply(Small, Small.Options, 50_000, Small.TrainedSamples, fittingBatch: 1024).ToDictionary(v => v.Key, v => v.Value);

        Assert.Equal(("128", "1", "3935steps"), (values["trainer.batchSize"], values["trainer.accumulationSteps"], values["trainer.duration"]));
        Assert.Equal(("0.99", "0.24", "0.0005", "5%"), (values["byol.baseTargetEma"], values["optimizer.baseLearningRate"], values["optimizer.weightDecay"], values["optimizer.warmup"]));
    }

    [Fact]
    public void What_does_not_fit_at_once_is_accumulated()
    {
        var candidate = PlanCandidate.All[^1];
        var values = PlanRules.Apply(candidate, candidate.Options, 1_281_167, candidate.TrainedSamples, fittingBatch: 300).ToDictionary(v => v.Key, v => v.Value);

        Assert.Equal(("4096", "16"), (values["trainer.batchSize"], values["trainer.accumulationSteps"]));
        Assert.Equal(("0.996", "10epochs"), (values["byol.baseTargetEma"], values["optimizer.warmup"]));
    }

    [Fact]
    public void Every_recipe_exists_and_its_settings_are_valid() => Assert.All(PlanCandidate.All, candidate =>
    {
        var values = PlanRules.Apply(candidate, candidate.Options, 20_000, candidate.MinimumSamples, fittingBatch: 64);

        values.Aggregate(candidate.Options, (options, value) => OptionsJson.Set(options, $"{value.Key}={value.Value}")).Validate();
        Assert.All(values, value => Assert.False(string.IsNullOrWhiteSpace(value.Reason) || string.IsNullOrWhiteSpace(value.Source), value.Key));
    });
}
