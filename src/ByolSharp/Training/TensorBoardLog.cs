using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;

namespace ByolSharp.Training;

/// <summary>The numbers of metrics.jsonl as TensorBoard scalars.</summary>
internal sealed class TensorBoardLog
{
    private static readonly string[] NotScalars = ["step", "verdict"];
    private readonly TorchSharp.Modules.SummaryWriter _writer;

    internal TensorBoardLog(string folder)
    {
        Directory.CreateDirectory(folder);
        _writer = torch.utils.tensorboard.SummaryWriter(folder, createRunName: false);
    }

    internal void Write(JsonObject metrics, long step)
    {
        foreach (var (name, value) in metrics)
        {
            if (!NotScalars.Contains(name) && value is not null)
            {
                _writer.add_scalar(name, float.Parse(value.ToJsonString(), CultureInfo.InvariantCulture), (int)step);
            }
        }
    }
}
