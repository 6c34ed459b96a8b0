namespace AspireAppHost.Api;

/// <summary>A page that asks every half second who answers, and writes an order each time: a failover can be watched on it.</summary>
internal static class Page
{
    public const string Html = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Orders</title>
        <style>body { font-family: system-ui; margin: 2rem } td, th { padding: .2rem 1rem; text-align: left } .bad { color: #b00020 }</style></head>
        <body>
        <h1>Who answers?</h1>
        <table><thead><tr><th>time</th><th>writes</th><th>reads</th><th>orders</th><th>took</th></tr></thead><tbody id="rows"></tbody></table>
        <script>
        const rows = document.getElementById('rows');
        const name = node => `${node.role} on port ${node.port}, timeline ${node.timeline}`;
        async function look() {
          const began = performance.now();
          const row = document.createElement('tr');
          const cells = [new Date().toLocaleTimeString()];
          try {
            const answer = await fetch('/orders', { method: 'POST' });
            if (!answer.ok) throw new Error(await answer.text());
            const state = await answer.json();
            cells.push(name(state.writes), name(state.reads), state.orders);
          } catch (error) {
            row.className = 'bad';
            cells.push(error.message, '', '');
          }
          cells.push(`${Math.round(performance.now() - began)} ms`);
          for (const text of cells) row.appendChild(document.createElement('td')).textContent = text;
          rows.prepend(row);
          while (rows.children.length > 40) rows.lastChild.remove();
          setTimeout(look, 500);
        }
        look();
        </script>
        </body></html>
        """;
}
