namespace AspireAppHost.Api;

/// <summary>A page that asks every half second who answers, and writes an order each time: a failover can be watched on it.</summary>
internal static class Page
{
    public const string Html = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Who answers?</title>
        <style>
        body { font-family: system-ui; margin: 2rem auto; max-width: 60rem; color: #222 }
        .nodes { display: flex; gap: 1rem }
        .node { flex: 1; border: 1px solid #ddd; border-left: .6rem solid #999; border-radius: .4rem; padding: .6rem 1rem }
        .node b { display: block; font-size: 1.4rem }
        #past { display: flex; align-items: end; gap: 2px; height: 8rem; margin: 1.5rem 0 .3rem; border-bottom: 1px solid #ccc }
        #past i { width: 10px; min-height: 3px }
        td, th { padding: .15rem 1rem .15rem 0; text-align: left; white-space: nowrap }
        .bad { color: #b00020 }
        </style></head>
        <body>
        <h1>Who answers?</h1>
        <p>Twice a second this page writes an order and asks which PostgreSQL wrote it, and which one reads. Switch over, or stop the primary's keeper, and watch.</p>
        <div class="nodes"><div class="node" id="writes"></div><div class="node" id="reads"></div></div>
        <div id="past"></div>
        <small>One bar for each order: its colour is the instance that wrote it, its height how long it took (all of it: 2 s).</small>
        <table><thead><tr><th>time</th><th>written by</th><th>read from</th><th>orders</th><th>took</th></tr></thead><tbody id="rows"></tbody></table>
        <script>
        const [rows, past] = ['rows', 'past'].map(id => document.getElementById(id));
        const colours = ['#2a7ae2', '#e2802a', '#2aa05a', '#9a4ac8', '#c8a020'], seen = [];
        const colour = port => { if (!seen.includes(port)) seen.push(port); return colours[seen.indexOf(port) % colours.length]; };
        const name = node => `${node.role} on port ${node.port}, timeline ${node.timeline}`;
        function show(id, title, node) {
          const card = document.getElementById(id);
          card.style.borderLeftColor = colour(node.port);
          card.replaceChildren(title, Object.assign(document.createElement('b'), { textContent: `port ${node.port}` }), `${node.role}, timeline ${node.timeline}`);
        }
        async function look() {
          const began = performance.now();
          const [row, bar] = [document.createElement('tr'), document.createElement('i')];
          const cells = [new Date().toLocaleTimeString()];
          bar.style.background = '#b00020';
          try {
            const answer = await fetch('/orders', { method: 'POST' });
            if (!answer.ok) throw new Error(await answer.text());
            const state = await answer.json();
            show('writes', 'Writes go to', state.writes);
            show('reads', 'Reads come from', state.reads);
            bar.style.background = colour(state.writes.port);
            cells.push(name(state.writes), name(state.reads), state.orders);
          } catch (error) {
            row.className = 'bad';
            cells.push(error.message.split('\n')[0].slice(0, 60), '', '');
          }
          const took = performance.now() - began;
          cells.push(`${Math.round(took)} ms`);
          for (const text of cells) row.appendChild(document.createElement('td')).textContent = text;
          bar.style.height = `${Math.min(100, took / 20)}%`;
          bar.title = cells.join(', ');
          rows.prepend(row);
          past.append(bar);
          while (rows.children.length > 15) rows.lastChild.remove();
          while (past.children.length > 75) past.firstChild.remove();
          setTimeout(look, 500);
        }
        look();
        </script>
        </body></html>
        """;
}
