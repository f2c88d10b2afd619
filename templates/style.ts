/**
 * The one style sheet of all pages has system fonts, tabular figures and one accent, and knows light, dark, print and forced colours. It
 * has no quotes, ampersands or angle brackets of HTML, so that it stands in the page byte for byte as it is hashed.
 */
export const STYLE = `
:root{color-scheme:light dark;
--paper:#fbfaf7;--card:#ffffff;--ink:#1b1d23;--soft:#5b606b;--line:#e4e2db;--fill:#f2f0ea;
--accent:#3b4cc0;--rest:#b9bccb;--good:#1a6b45;--good-tint:#e3f2e9;--warn:#875203;--warn-tint:#fdf0d3;
--bad:#a8242c;--bad-tint:#fbe6e4;--quiet:#555b68;--quiet-tint:#ecebe8}
@media (prefers-color-scheme:dark){:root{
--paper:#121317;--card:#1a1c22;--ink:#eceae4;--soft:#a3a7b3;--line:#2d3039;--fill:#22252c;
--accent:#97a5ff;--rest:#4d5262;--good:#7fd6a6;--good-tint:#16301f;--warn:#f2bf62;--warn-tint:#35270c;
--bad:#ff9d94;--bad-tint:#3b1a1a;--quiet:#b4b8c4;--quiet-tint:#26282f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:400 16px/1.55 -apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.wide{max-width:960px;margin:0 auto;padding:0 24px}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
h1,h2,h3,p,dl,dd,ul,table,figure{margin:0}
ul{padding:0;list-style:none}
h2{font-size:1.375rem;line-height:1.25;font-weight:650;letter-spacing:-.015em}
h3{font-size:1rem;line-height:1.4;font-weight:650}
code{font:400 .875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace}
.skip{position:absolute;left:-999px}
.skip:focus{left:16px;top:12px;padding:8px 14px;background:var(--card);z-index:1}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.gap{margin-top:12px}

.head{border-top:5px solid var(--tone);background:linear-gradient(var(--tint),var(--paper));padding-bottom:40px}
.good{--tone:var(--good);--tint:var(--good-tint)}
.warn{--tone:var(--warn);--tint:var(--warn-tint)}
.bad{--tone:var(--bad);--tint:var(--bad-tint)}
.quiet{--tone:var(--quiet);--tint:var(--quiet-tint)}
.bar{display:flex;justify-content:space-between;gap:16px;padding:18px 0 36px;font-size:.875rem;color:var(--soft)}
.brand{display:inline-flex;align-items:center;gap:8px;font-weight:650;color:var(--ink)}
.badges{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.badge{display:inline-flex;align-items:center;gap:7px;padding:4px 13px 4px 10px;border-radius:99px;background:var(--tone);color:var(--card);font-size:.8125rem;font-weight:700;letter-spacing:.06em;text-transform:uppercase}
.kind{padding:3px 12px;border:1px solid currentColor;border-radius:99px;font-size:.8125rem;font-weight:600;color:var(--soft)}
.title{margin-top:18px;font-weight:700;letter-spacing:-.03em;line-height:1.08;font-size:clamp(2.125rem,1.3rem + 4vw,3.5rem)}
.title .of{display:block;margin-bottom:8px;font-size:1.0625rem;font-weight:600;letter-spacing:0;line-height:1.4;color:var(--soft)}
.title .what{margin-left:6px;padding-left:12px;border-left:1px solid var(--soft);font-weight:400}
.title .weekday{font-weight:400;color:var(--soft)}
.lead{margin-top:16px;max-width:58ch;text-wrap:pretty;font-size:1.3125rem;line-height:1.42;letter-spacing:-.01em}
.state{margin-top:14px;display:flex;gap:9px;align-items:baseline;font-weight:600}
.state svg{flex:none;color:var(--tone);position:relative;top:2px}
.facts{margin-top:28px;display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:14px 28px;padding-top:20px;border-top:1px solid var(--line)}
.facts dt,.tile dt{font-size:.8125rem;color:var(--soft)}
.facts dd{font-weight:550}
.links{margin-top:24px;display:flex;flex-wrap:wrap;gap:8px 22px;font-weight:550;font-size:.9375rem}

main>section{padding:40px 0;border-top:1px solid var(--line)}
main>section:first-child{border-top:0;padding-top:0}
.intro{margin-top:6px;color:var(--soft);max-width:66ch}
.calm{display:flex;gap:12px;align-items:center;margin-top:16px;font-size:1.0625rem}
.calm svg{flex:none;color:var(--good)}
.item{margin-top:16px;padding:18px 22px 20px;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:4px 12px 12px 4px}
.item h3{display:flex;gap:10px;align-items:baseline;font-size:1.0625rem}
.item h3 svg{flex:none;color:var(--tone);position:relative;top:2px}
.item p{margin-top:6px;max-width:72ch}
.item ul{margin-top:10px;padding-left:20px;list-style:disc}
.item li{margin-top:4px;max-width:72ch}
.item li::marker{color:var(--soft)}
.next{margin-top:14px;padding-top:12px;border-top:1px solid var(--line)}
.next strong{font-weight:650}
.command{display:block;margin-top:10px;padding:10px 14px;background:var(--fill);border-radius:8px;overflow-wrap:anywhere}
.command::before{content:'$ ';color:var(--soft)}

.tiles{margin-top:20px;display:grid;grid-template-columns:repeat(3,1fr);gap:12px}
.tile{padding:18px 20px;background:var(--card);border:1px solid var(--line);border-radius:12px}
.tile dd{font-size:2.125rem;line-height:1.2;font-weight:650;letter-spacing:-.03em;white-space:nowrap}
.tile dd.aside{margin-top:2px;font-size:.8125rem;line-height:1.4;font-weight:400;letter-spacing:0;color:var(--soft);white-space:normal}
.chart{margin-top:28px}
.chart p{margin-top:2px}
.chart svg{display:block;width:100%;margin-top:14px;overflow:visible}
.chart text{fill:var(--ink);font-size:13px;font-family:inherit}
.chart .axis{fill:var(--soft);font-size:12px}
.chart .over{stroke:var(--paper);stroke-width:4px;stroke-linejoin:round;paint-order:stroke}
.chart .grid{stroke:var(--line)}
.chart .track{fill:var(--fill)}
.chart .main{fill:var(--accent)}
.chart .other{fill:var(--rest)}
.chart .mark{stroke:var(--ink)}

.scroll{margin-top:16px;overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9375rem;line-height:1.45}
caption{padding-bottom:6px;text-align:left;font-weight:650}
th,td{padding:8px 18px 8px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);min-width:72px;max-width:340px;overflow-wrap:break-word}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8125rem;font-weight:550;color:var(--soft);white-space:nowrap}
tbody th{font-weight:550}
.num{text-align:right;white-space:nowrap}
.words{min-width:190px}
.nowrap{white-space:nowrap}
.hash{overflow-wrap:anywhere;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace;font-size:.8125em}
td.hash{min-width:240px;max-width:none}
.status{display:inline-flex;gap:7px;align-items:center;font-weight:600;color:var(--tone);white-space:nowrap}
.pairs{margin-top:14px;display:grid;grid-template-columns:minmax(130px,200px) 1fr;border-top:1px solid var(--line);font-size:.9375rem}
.pairs dt,.pairs dd{padding:8px 0;border-bottom:1px solid var(--line)}
.pairs dt{padding-right:18px;color:var(--soft)}
.block{margin-top:32px}
details{margin-top:14px}
summary{cursor:pointer;color:var(--accent);font-size:.9375rem;font-weight:550}
.terms dt{margin-top:16px;font-weight:650}
.terms dd{max-width:70ch;color:var(--soft)}
.subject{max-width:34ch;text-wrap:pretty;font-size:clamp(1.375rem,1rem + 2vw,2rem);line-height:1.2;font-weight:650;letter-spacing:-.02em}
.note{margin-top:16px;padding:18px 22px 20px;max-width:720px;background:var(--card);border:1px solid var(--line);border-radius:12px}
.note p{white-space:pre-line}
.note *+p,.note *+ul{margin-top:12px}
.note ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:12px;white-space:pre-line}
.mail{display:block;width:100%;height:760px;margin-top:16px;background:#fff;border:1px solid var(--line);border-radius:12px;color-scheme:light}
.plain{margin:16px 0 0;padding:18px 22px;background:var(--fill);border-radius:12px;white-space:pre-wrap;overflow-wrap:anywhere;font:400 .875rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace}
footer{padding:28px 0 56px;border-top:1px solid var(--line);font-size:.8125rem;color:var(--soft)}

@media (max-width:640px){
.wide{padding:0 18px}
.bar{padding-bottom:26px}
.head{padding-bottom:28px}
.lead{font-size:1.125rem}
.facts{grid-template-columns:1fr 1fr}
.tiles{grid-template-columns:1fr 1fr;gap:10px}
.tile{padding:14px 14px 16px}
.tile dd{font-size:1.625rem}
.item{padding:16px 16px 18px}
.pairs{grid-template-columns:1fr}
.pairs dt{padding-bottom:0;border-bottom:0}
.pairs dd{padding-top:0}
main>section{padding:32px 0}
.title .weekday,.title .what{display:block}
.title .what{margin:0;padding:0;border:0}}

@media (forced-colors:active){.badge,.tile,.item{border:1px solid}.main{fill:Highlight}.other,.mark,.axis{fill:CanvasText}}

@media print{
@page{size:A4;margin:14mm}
:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#111;--soft:#444;--line:#ccc;--fill:#f2f2f2;--accent:#3b4cc0;--rest:#b9bccb;
--good:#1a6b45;--warn:#875203;--bad:#a8242c;--quiet:#555b68;--good-tint:#fff;--warn-tint:#fff;--bad-tint:#fff;--quiet-tint:#fff}
body{font-size:10.5pt}
.wide{max-width:none;padding:0}
.badge{background:none;color:var(--tone);border:1px solid}
.skip,details:not([open]),.links{display:none}
.title{font-size:26pt}
.scroll{overflow:visible}
main>section{padding:18px 0}
tr,.item,.tile,figure{break-inside:avoid}}
`.trim()
