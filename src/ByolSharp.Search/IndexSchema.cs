using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ByolSharp.Search;

/// <summary>The tables of an index file, and the marks by which it is known: SQLite's application id and user version.</summary>
internal static class IndexSchema
{
    private const int ApplicationId = 0x42594F4C; // "BYOL"
    private const int Version = 1;

    private const string Tables = """
        CREATE TABLE encoder (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE sample (
            name TEXT PRIMARY KEY,
            label TEXT,
            stamp TEXT,
            content BLOB,
            error TEXT,
            representation BLOB);
        CREATE INDEX sample_content ON sample (content) WHERE representation IS NOT NULL;
        """;

    /// <summary>Makes the tables of a new file.</summary>
    /// <param name="connection">An open, empty database.</param>
    /// <param name="facts">What is noted about the encoder.</param>
    internal static void Create(SqliteConnection connection, IEnumerable<(string Key, string Value)> facts)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, $"{Tables} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
        foreach (var (key, value) in facts)
        {
            Execute(connection, "INSERT INTO encoder VALUES ($key, $value)", ("$key", key), ("$value", value));
        }
        transaction.Commit();
    }

    /// <summary>Whether nothing was written yet: a new file, or one whose making was interrupted.</summary>
    internal static bool IsEmpty(SqliteConnection connection) => Number(connection, "SELECT count(*) FROM sqlite_master") == 0;

    /// <summary>Fails where a file is no index of this version.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static void Check(SqliteConnection connection, string path)
    {
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw new InvalidDataException($"'{path}' is a database, but no index of representations.");
        }
        long version = Number(connection, "PRAGMA user_version");
        if (version != Version)
        {
            throw new InvalidDataException($"'{path}' has format {version}, this version reads {Version}: index the data anew.");
        }
    }

    internal static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        command.ExecuteNonQuery();
    }

    internal static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
