using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Stolon.AspNetCore.Metrics;
using Stolon.Hosting.Health;

namespace Stolon.AspNetCore;

/// <summary>What the listener answers.</summary>
/// <param name="clusters">How this process's parts in its clusters do.</param>
/// <param name="reader">The numbers.</param>
internal sealed class Endpoints(ImmutableArray<IStolonHealth> clusters, MetricReader reader)
{
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <returns>When it is answered.</returns>
    public Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, PlainText, "There is only GET.\n");
        }

        return context.Request.Path.Value switch
        {
            "/livez" => AnswerAsync(context, role => role.Hanging),
            "/readyz" => AnswerAsync(context, role => role.NotReady),
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, ExpositionFormat.ContentType, reader.Read()),
            _ => WriteAsync(
                context, StatusCodes.Status404NotFound, PlainText, "There is nothing here. There are /livez, /readyz and /metrics.\n"),
        };
    }

    private Task AnswerAsync(HttpContext context, Func<RoleHealth, ImmutableArray<string>> reasons)
    {
        string[] found =
        [
            .. from cluster in clusters
               from role in cluster.Read()
               from reason in reasons(role)
               select $"{cluster.ClusterName}: {role.Role}: {reason.ReplaceLineEndings(" ")}\n",
        ];
        return found.Length == 0
            ? WriteAsync(context, StatusCodes.Status200OK, PlainText, "ok\n")
            : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, PlainText, string.Concat(found));
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
