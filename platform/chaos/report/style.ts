import { faultTypes } from '../faults.ts';

/** The page's own style: readable in light and dark, on screens and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbfa, #16181b); --card: light-dark(#fff, #1e2125); --text: light-dark(#1b1d20, #e7e8ea);
  --soft: light-dark(#63686f, #9aa1aa); --line: light-dark(#e3e4e6, #33383e);
  --good: light-dark(#1a7f45, #55c98a); --bad: light-dark(#c2272d, #ff7b7b);
  --confirmed: light-dark(#58a97e, #3f8f66); --rejected: light-dark(#d9b95c, #a88a35); --errors: light-dark(#d9534f, #d9605c);
  --p50: light-dark(#2f6fb3, #74aef0); --p99: light-dark(#a06cd0, #bd93e8); --open: light-dark(#63686f, #9aa1aa);
  --kill: #d64550; --pause: #e08e2b; --partition: #8b5cd6; --db-restart: #2b8fb8; --db-slow: #4f9d69;
  --disk-full: #9c6b3f; --pool-exhausted: #c2539b; --clock: #6b7a90;
  --pod-delete: #e08e2b; --pod-kill: #d64550; --node-drain: #8b5cd6; --rollout-restart: #4f9d69;
  --postgres-delete: #2b8fb8; --redis-delete: #c2539b; --leader-pause: #9c6b3f;
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 24px 60px; max-width: 1180px; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 17px; margin: 36px 0 10px; }
p { margin: 0 0 8px; } .soft, caption { color: var(--soft); } code { font-size: 13px; overflow-wrap: anywhere; }
.verdict { font-weight: 650; padding: 2px 12px; border-radius: 99px; margin-left: 10px; font-size: 16px; vertical-align: 3px; }
.verdict.good { color: var(--good); box-shadow: inset 0 0 0 1.5px; } .verdict.bad { color: var(--bad); box-shadow: inset 0 0 0 1.5px; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 20px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.tile b { display: block; font-size: 22px; line-height: 1.25; } .tile span { color: var(--soft); font-size: 13px; }
.tile.bad b { color: var(--bad); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 4px; }
svg { display: block; } svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .label { font-size: 12px; fill: var(--text); } svg .tick, svg .lane { text-anchor: end; } svg .time { text-anchor: middle; }
svg .grid { stroke: var(--line); } svg path { fill: none; stroke-width: 1.4; } svg .band { opacity: .09; } svg .tail { opacity: .4; }
svg .skipped { opacity: .25; }
table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 8px; font-size: 14px; }
th, td { text-align: left; padding: 5px 12px; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border: 0; color: var(--soft); font-weight: 500; } td.n, th.n { text-align: right; white-space: nowrap; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px; }
.good-text { color: var(--good); } .bad-text { color: var(--bad); } details summary { cursor: pointer; margin: 8px 0; }
${faultTypes
  .map((type) => `svg .${type} { fill: var(--${type}); } .dot.${type} { background: var(--${type}); }`)
  .join('\n')}
${['confirmed', 'rejected', 'errors'].map((name) => `svg .${name} { fill: var(--${name}); }`).join('\n')}
${['p50', 'p99', 'open'].map((name) => `svg path.${name} { stroke: var(--${name}); } svg .key.${name} { fill: var(--${name}); }`).join('\n')}
@media print { body { max-width: none; } .scroll { overflow: visible; } }
`;
