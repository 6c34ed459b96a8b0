using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Hosting.Keeper;

/// <summary>The questions that the store holds, and what this keeper's instance said to them. A question that is gone takes its answer along.</summary>
internal sealed class OpenQuestions
{
    /// <summary>More than operators ask at once; what is beyond waits until others are withdrawn.</summary>
    public const int Most = 4;

    private readonly Lock gate = new();
    private ImmutableArray<SettingsQuestion> asked = [];
    private ImmutableArray<SettingsAnswer> answers = [];

    /// <summary>What was asked and is not answered yet.</summary>
    public ImmutableArray<SettingsQuestion> Open
    {
        get
        {
            lock (gate)
            {
                return [.. asked.Where(question => !answers.Any(answer => answer.Question == question.Id))];
            }
        }
    }

    /// <summary>The answers, for the report.</summary>
    public ValueList<SettingsAnswer> Answers
    {
        get
        {
            lock (gate)
            {
                return new ValueList<SettingsAnswer>(answers);
            }
        }
    }

    /// <summary>Hears what is asked now.</summary>
    /// <param name="questions">All that the store holds.</param>
    /// <returns>Whether anything is new or gone.</returns>
    public bool Hear(ImmutableArray<SettingsQuestion> questions)
    {
        lock (gate)
        {
            var before = asked;
            asked = [.. questions.Take(Most)];
            answers = [.. answers.Where(answer => asked.Any(question => question.Id == answer.Question))];
            return !before.Select(question => question.Id).SequenceEqual(asked.Select(question => question.Id));
        }
    }

    /// <summary>Keeps an answer, if its question still stands.</summary>
    /// <param name="answer">The answer.</param>
    public void Answer(SettingsAnswer answer)
    {
        lock (gate)
        {
            answers = asked.Any(question => question.Id == answer.Question) ? answers.Add(answer) : answers;
        }
    }
}
