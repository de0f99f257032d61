using System.CommandLine;
using ByolSharp.Cli;
using ByolSharp.Cli.Commands;
using ByolSharp.Distributed;

if (Replicas.IsLaunched)
{
    Environment.SetEnvironmentVariable("TERM", "dumb"); // mpirun gives its processes a terminal, which .NET would greet with control characters before the result
}

var root = new RootCommand("Self-supervised pre-training after Bootstrap Your Own Latent (BYOL): point it at unlabelled images, get an encoder.")
{
    DemoCommand.Create(),
    PretrainCommand.Create(),
    KnnEvalCommand.Create(),
    LinearEvalCommand.Create(),
    FineTuneCommand.Create(),
    StsEvalCommand.Create(),
    LmEvalCommand.Create(),
    WorthCommand.Create(),
    EmbedCommand.Create(),
    IndexCommand.Create(),
    SearchCommand.Create(),
    ServeCommand.Create(),
    ExportCommand.Create(),
    ViewsCommand.Create(),
    BenchCommand.Create(),
    ReportCommand.Create(),
    PlanCommand.Create(),
    TuneCommand.Create(),
    DoctorCommand.Create(),
    TokenizerCommand.Create(),
    PresetsCommand.Create(),
};
return CommandRunner.Run(root, args);
