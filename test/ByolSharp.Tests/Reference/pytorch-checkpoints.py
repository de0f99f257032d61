"""Writes pytorch-checkpoints.json: small files saved by PyTorch (1.13.1 was used), and what is in them.

python3 pytorch-checkpoints.py > pytorch-checkpoints.json
"""
import base64, collections, io, json, os
import torch


def values():
    torch.manual_seed(1)
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8 - 1
    return {
        "contiguous": base,
        "transposed": base.permute(2, 0, 1),
        "every_second": base.view(-1)[1::2],
        "row": base[1, 2],
        "spread": torch.tensor([[3.0], [5.0]]).expand(2, 3),
        "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
        "bfloat16": torch.tensor([1.0, -2.5, 3.0e38, 1e-30]).bfloat16(),
        "half": torch.tensor([[0.5, -65504.0], [6e-8, 1.0]]).half(),
        "double": torch.tensor([0.1, -1e300], dtype=torch.float64),
        "long": torch.tensor([[-(2 ** 53), 7]]),
        "int": torch.tensor([-5, 2 ** 31 - 1], dtype=torch.int32),
        "short": torch.tensor([-32768, 4], dtype=torch.int16),
        "char": torch.tensor([-128, 127], dtype=torch.int8),
        "byte": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.25),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(base[0, :, 1]),
        "\u00fcber": torch.tensor([1.0]),
    }


def expected(entries):
    return {key: {"dtype": str(t.dtype).split(".")[1], "shape": list(t.shape), "values": t.detach().double().reshape(-1).tolist()} for key, t in entries.items()}


class Attack:
    def __reduce__(self):
        return (os.system, ("touch ran",))


def saved(thing, **options):
    buffer = io.BytesIO()
    torch.save(thing, buffer, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def module():
    torch.manual_seed(2)
    net = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(1, 2, 2), bn=torch.nn.BatchNorm2d(2)))
    net.train()(torch.ones(2, 1, 3, 3))
    return net


def checkpoint():
    net = module()
    sgd = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    net(torch.arange(18.0).reshape(2, 1, 3, 3)).sum().backward()
    sgd.step()
    return net, {"epoch": 3, "arch": "tiny", "best": None, "lr": 0.25, "state_dict": net.state_dict(), "optimizer": sgd.state_dict()}


files = {}
for name, is_zip in (("today", True), ("before-1.6", False)):
    options = {"_use_new_zipfile_serialization": is_zip}
    entries = values()
    files[name] = {"file": saved(entries, **options), "tensors": expected(entries)}
    net = module()
    files[f"module {name}"] = {"file": saved(net.state_dict(), **options), "tensors": expected(net.state_dict())}
    net, whole = checkpoint()
    files[f"checkpoint {name}"] = {"file": saved(whole, **options), "tensors": expected(net.state_dict())}
    files[f"one tensor {name}"] = {"file": saved(values()["transposed"], **options), "tensors": {"": expected(values())["transposed"]}}
    files[f"attack {name}"] = {"file": saved({"state_dict": values(), "hook": Attack()}, **options), "refused": "posix.system"}
    if is_zip:
        files[f"whole module {name}"] = {"file": saved(module(), **options), "refused": "torch.nn.modules.container.Sequential"}
files["protocol 4"] = {"file": saved(values(), pickle_protocol=4), "tensors": expected(values())}
print("{" + ",\n".join(f"{json.dumps(name)}: {json.dumps(file)}" for name, file in files.items()) + "}")
