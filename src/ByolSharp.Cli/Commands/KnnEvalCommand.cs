using System.CommandLine;
using ByolSharp.Distributed;
using ByolSharp.Evaluation;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol knn-eval --run RUN --train DIR --test DIR</c>.</summary>
internal static class KnnEvalCommand
{
    private static readonly EncoderOptions Encoders = new();
    private static readonly EvaluationData Data = new();
    private static readonly Option<int> K = new("--k") { Description = "Neighbours that vote.", DefaultValueFactory = _ => 200 };
    private static readonly Option<double> Temperature = new("--temperature") { Description = "Votes weigh exp(similarity / temperature).", DefaultValueFactory = _ => 0.1 };

    private static readonly Option<bool> Center = new("--center")
    {
        Description = "Move the mean of the training representations to 0 first, so that angles tell what differs between samples; published numbers do not.",
    };

    internal static Command Create()
    {
        var command = new Command("knn-eval", "Classify by the nearest neighbours' labels, in the space of representations.");
        Encoders.AddTo(command, Baselines.All);
        Data.AddTo(command);
        command.Options.Add(K);
        command.Options.Add(Temperature);
        command.Options.Add(Center);
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation) =>
        ReplicaJob.Run(arguments, terminal, (replicas, spoken) => Run(arguments, spoken, replicas, cancellation));

    private static int Run(ParseResult arguments, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        var options = new KnnOptions { K = arguments.GetValue(K), Temperature = arguments.GetValue(Temperature) };
        var (encoder, train, test) = Data.Extract(arguments, Encoders, terminal, replicas, cancellation);
        if (arguments.GetValue(Center))
        {
            var centre = Standardizer.CentreOf(train);
            (train, test) = (centre.Apply(train), centre.Apply(test));
        }
        var result = new KnnClassifier(train, options).Evaluate(test, replicas, cancellation);
        var described = EvaluationData.Accuracies(result);
        described["k"] = result.K;
        described["temperature"] = result.Temperature;
        if (arguments.GetValue(Center))
        {
            described["centered"] = true;
        }
        foreach (var (k, recall) in Retrieval.Evaluate(train, test).Recalls)
        {
            described[$"recall_{k}"] = recall;
        }
        described["labels"] = Data.Labels(arguments);
        if (replicas.IsFirst())
        {
            EvaluationData.Report(arguments, Encoders, terminal, "knn-eval", encoder, described);
        }
        return 0;
    }
}
