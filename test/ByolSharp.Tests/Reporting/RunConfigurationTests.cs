using ByolSharp.Reporting;

namespace ByolSharp.Tests.Reporting;

public sealed class RunConfigurationTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void What_somebody_chose_stands_apart_from_what_the_machine_filled_in()
    {
        var options = Presets.Get("demo");
        options = options with { Seed = 7, Data = options.Data with { Channels = 3, Workers = 5 }, Byol = options.Byol with { BaseTargetEma = 0.5 } };
        var configuration = Read("run.json", OptionsJson.Write(options));

        Assert.Equal(["seed", "byol.baseTargetEma"], configuration.Changed);
        Assert.Equal(["data.channels", "data.workers"], configuration.FilledIn);
        Assert.Equal(("0.5", "0.9"), (configuration.Values["byol.baseTargetEma"], configuration.PresetValues["byol.baseTargetEma"]));
        Assert.Equal(7, configuration.Options!.Seed);
    }

    [Theory]
    [InlineData("{ \"preset\": \"small-cpu\", \"ofTomorrow\": 1 }", "another version", 2)]
    [InlineData("{ cut sho", "not valid JSON", 0)]
    public void A_file_that_is_not_understood_says_so_and_shows_what_it_holds(string text, string problem, int values)
    {
        var configuration = Read("odd.json", text);

        Assert.Null(configuration.Options);
        Assert.Contains(problem, configuration.Problem, StringComparison.Ordinal);
        Assert.Equal(values, configuration.Values.Count);
    }

    [Fact]
    public void Runs_differ_in_the_keys_that_have_other_values()
    {
        var one = Read("1.json", OptionsJson.Write(Presets.Get("demo")));
        var two = Read("2.json", OptionsJson.Write(Presets.Get("demo") with { Seed = 1, Device = "cuda" }));

        Assert.Equal(["seed", "device"], RunConfiguration.DifferingKeys([one, two, one]));
    }

    public void Dispose() => _folder.Dispose();

    private RunConfiguration Read(string name, string text) => RunConfiguration.Read(_folder.Write(name, text));
}
