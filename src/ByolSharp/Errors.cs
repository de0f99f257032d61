namespace ByolSharp;

/// <summary>An expected failure: its message is one line that names the thing and the mend; no stack trace helps the reader.</summary>
public abstract class ByolException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A value, key, name or file given by the user does not work (exit code 2).</summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : ByolException(message, inner);

/// <summary>The data as a whole cannot be used (exit code 3).</summary>
public sealed class UnusableDataException(string message, Exception? inner = null) : ByolException(message, inner);

/// <summary>One sample cannot be decoded: it is counted, quarantined and skipped.</summary>
public sealed class UnreadableSampleException(string message, Exception? inner = null) : ByolException(message, inner);

/// <summary>Training was stopped by the collapse guard or by a loss that is no number (exit code 4).</summary>
public sealed class TrainingStoppedException(string message) : ByolException(message);

/// <summary>Writing or reading a run, checkpoint or export failed (exit code 1).</summary>
public sealed class StorageException(string message, Exception? inner = null) : ByolException(message, inner);
