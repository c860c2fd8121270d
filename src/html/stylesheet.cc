#include "html/stylesheet.h"

namespace kept::html {

std::string_view report_style() {
  return R"css(
:root{--ink:#1d2430;--soft:#4a5463;--faint:#eef1f3;--rule:#cfd6dc;--paper:#ffffff;--ground:#f6f7f5;--deep:#12574f;--deep-tint:#e4efec;--warn:#7a2a12;--warn-tint:#fbeee6;--focus:#f2b632}
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 Inter,"Source Sans 3","Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:lining-nums}
a{color:var(--deep);text-decoration-thickness:.08em;text-underline-offset:.18em}
a:hover{text-decoration-thickness:.16em}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px;box-shadow:0 0 0 6px var(--focus);border-radius:2px}
.skip{position:absolute;left:-99rem;top:0;background:var(--paper);padding:.6rem 1rem;z-index:2}
.skip:focus{left:1rem}
.banner{background:var(--warn-tint);color:var(--warn);border-bottom:2px solid var(--warn);font-weight:650}
.banner p{margin:0 auto;max-width:66rem;padding:.7rem 1.5rem}
div.top{max-width:66rem;margin:0 auto;padding:2.6rem 1.5rem 0}
main{max-width:66rem;margin:0 auto;padding:0 1.5rem 4rem}
footer{max-width:66rem;margin:0 auto;padding:1.5rem 1.5rem 3rem;color:var(--soft);border-top:1px solid var(--rule);font-size:.94rem}
h1,h2,h3{line-height:1.2;font-weight:680;letter-spacing:-.012em;text-wrap:balance}
h1{font-size:clamp(1.9rem,1.3rem + 2.6vw,2.9rem);margin:0 0 .7rem}
h2{font-size:clamp(1.4rem,1.2rem + .9vw,1.8rem);margin:0 0 .8rem}
h3{font-size:1.16rem;margin:2rem 0 .5rem}
p{margin:0 0 1rem;max-width:44rem}
.lead{font-size:1.2rem;color:var(--soft);max-width:46rem}
section{background:var(--paper);border:1px solid var(--rule);border-radius:10px;padding:1.9rem 2rem;margin:1.6rem 0}
section>:last-child{margin-bottom:0}
.nothing,.small{color:var(--soft)}
.headline{display:grid;grid-template-columns:minmax(15rem,1fr) 2fr;gap:1rem 3rem;align-items:start}
.rate{font-size:clamp(3.4rem,2.4rem + 5vw,5.4rem);line-height:1;font-weight:720;letter-spacing:-.035em;color:var(--deep);margin:0 0 .5rem;font-variant-numeric:tabular-nums lining-nums}
.range{font-size:1.08rem;margin:0}
.headline h2{margin-top:.2rem}
.headline>div>:last-child{margin-bottom:0}
.formula{font-size:.97rem;color:var(--soft)}
dl.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:1px;background:var(--rule);border:1px solid var(--rule);border-radius:10px;overflow:hidden;margin:1.6rem 0}
dl.facts div{background:var(--paper);padding:1rem 1.2rem}
dl.facts dt{font-size:.94rem;color:var(--soft);line-height:1.3}
dl.facts dd{margin:.15rem 0 0;font-size:1.5rem;font-weight:660;font-variant-numeric:tabular-nums lining-nums}
dl.facts dd span{display:block;font-size:.9rem;font-weight:400;color:var(--soft);line-height:1.35}
nav.contents{margin:1.6rem 0}
nav.contents ol{columns:3 15rem;column-gap:2rem;margin:.4rem 0 0;padding:0;list-style:none;counter-reset:entry}
nav.contents li{display:flex;gap:.5rem;padding:.15rem 0;break-inside:avoid;counter-increment:entry}
nav.contents li::before{content:counter(entry)".";flex:none;width:1.5rem;text-align:right;font-variant-numeric:tabular-nums}
.table{overflow-x:auto;margin:1.1rem 0}
.wide{background:linear-gradient(90deg,var(--paper) 40%,transparent) 0 0/2.4rem 100% no-repeat local,linear-gradient(270deg,var(--paper) 40%,transparent) 100% 0/2.4rem 100% no-repeat local,linear-gradient(90deg,#1d243033,transparent) 0 0/.9rem 100% no-repeat scroll,linear-gradient(270deg,#1d243033,transparent) 100% 0/.9rem 100% no-repeat scroll}
.table.long{max-height:88vh;overflow-y:auto}
.table.long thead th{position:sticky;top:0;background:var(--paper);z-index:1}
.table.long thead th:first-child{z-index:2}
.sideways{display:none;font-size:.94rem;font-weight:600;color:var(--deep);margin:.6rem 0 0}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.97rem}
caption{text-align:left;font-weight:640;padding:0 0 .5rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--rule)}
thead th{font-size:.9rem;color:var(--soft);font-weight:600;border-bottom:2px solid var(--ink);vertical-align:bottom}
tbody th{font-weight:500}
.wide th:first-child{position:sticky;left:0;background:var(--paper)}
.wide tbody th:first-child:not(.label):not(.lines){min-width:13rem}
th.lines{min-width:17rem;width:38%}
tbody .lines strong,tbody .lines span{display:block}
tbody .lines span{font-size:.94em;font-weight:400;line-height:1.4}
tbody .lines span+span{color:var(--soft)}
.number{text-align:right;font-variant-numeric:tabular-nums lining-nums;white-space:nowrap}
th.number{white-space:normal}
.count{padding-left:.35rem;padding-right:.35rem;font-size:.94em}
th.count span{display:inline-block;writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;line-height:1.25}
td.code,code{font-family:ui-monospace,"Cascadia Mono","DejaVu Sans Mono","Liberation Mono",monospace;font-size:.93em}
tbody .label{white-space:nowrap}
tbody td:not(.number):not(.label){min-width:8.5rem}
td.code{overflow-wrap:anywhere}
.stacks tbody td.words{min-width:6rem}
tr.total th,tr.total td{font-weight:660;border-bottom:2px solid var(--ink)}
details{margin:.8rem 0 1.4rem}
summary{cursor:pointer;color:var(--deep);font-weight:560;padding:.3rem 0}
summary span{text-decoration:underline;text-underline-offset:.18em;text-decoration-thickness:.08em}
figure.picture{margin:1.4rem 0 .3rem}
figcaption{margin:0 0 .9rem;max-width:46rem}
figcaption strong{display:block}
figcaption span{color:var(--soft)}
.picture svg{display:block;overflow:visible}
.picture svg text{font-size:14px;fill:var(--ink);font-variant-numeric:tabular-nums lining-nums}
.picture svg text.tick{font-size:13px;fill:var(--soft);text-anchor:end}
.picture svg text.middle{text-anchor:middle}
.picture svg text.strong{fill:var(--ink);font-weight:640}
.share{stroke:#fff;stroke-width:1.5}
.key .share{stroke:#5b6470;stroke-width:1}
.share.outlined{stroke:#5b6470;stroke-width:1}
.no-share{fill:none;stroke:#5b6470;stroke-dasharray:3 3}
.grid{stroke:#dfe4e8;stroke-width:1}
.axis{stroke:#5b6470;stroke-width:1.5}
.line{fill:none;stroke:var(--deep);stroke-width:2.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.band{fill:#b9d6cf;stroke:#5f958a;stroke-width:1;vector-effect:non-scaling-stroke}
.point{fill:var(--deep);stroke:#fff;stroke-width:1.5}
.point.unsettled{fill:#fff;stroke:var(--deep);stroke-width:2}
.with-axis{display:flex}
.with-axis>:first-child{flex:none}
.with-axis>:last-child{flex:1;min-width:0}
svg.patterns{position:absolute}
ul.key{display:flex;flex-wrap:wrap;gap:.35rem 1.4rem;list-style:none;margin:0 0 1.1rem;padding:0;font-size:.95rem}
ul.key li{display:flex;align-items:center;gap:.5rem}
ul.bars{list-style:none;margin:0;padding:0}
ul.bars li{margin:0 0 .85rem}
.bar-title{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;margin:0 0 .2rem;max-width:none;font-size:.9rem;line-height:1.35;font-weight:500;font-variant-numeric:tabular-nums lining-nums}
.bar-title strong{margin-left:auto;font-weight:640}
ul.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5rem,1fr));gap:1.3rem 1.8rem;list-style:none;margin:0;padding:0}
ul.panels li{display:flex;flex-direction:column;justify-content:flex-end}
.panel-title{display:flex;justify-content:space-between;gap:.6rem;margin:0 0 .25rem;font-size:.95rem;line-height:1.3}
.panel-title strong{font-variant-numeric:tabular-nums}
pre{background:var(--faint);border-radius:6px;padding:.8rem 1rem;overflow-x:auto;font-family:ui-monospace,"Cascadia Mono","DejaVu Sans Mono","Liberation Mono",monospace;font-size:.93rem;line-height:1.5;margin:.8rem 0}
ul.plain{padding-left:1.2rem;margin:0 0 1rem;max-width:46rem}
ul.plain li{margin:.3rem 0}
.note{border-left:4px solid var(--deep);background:var(--deep-tint);padding:.8rem 1.1rem;max-width:46rem;border-radius:0 6px 6px 0}
.note>:last-child{margin-bottom:0}
@media (max-width:44rem){
body{font-size:1rem}
section{padding:1.3rem 1.1rem;border-radius:8px}
main,div.top,footer{padding-left:.9rem;padding-right:.9rem}
.banner p{padding-left:.9rem;padding-right:.9rem}
.headline{grid-template-columns:1fr}
dl.facts{grid-template-columns:repeat(2,1fr)}
dl.facts div{padding:.8rem .9rem}
.picture svg text{font-size:13px}
.picture svg text.tick{font-size:12px}
ul.panels{grid-template-columns:repeat(auto-fill,minmax(7.4rem,1fr));gap:1.1rem 1.2rem}
th,td{padding-right:.7rem}
.sideways{display:block}
caption{max-width:calc(100vw - 4.2rem)}
tbody td:not(.number):not(.label),.stacks tbody td.words{min-width:0;overflow-wrap:anywhere}
th.count span{writing-mode:horizontal-tb;transform:none;white-space:normal}
.wide tbody th:first-child:not(.label){min-width:10.5rem;max-width:10.5rem;font-size:.9rem;border-right:1px solid var(--rule)}
thead th.lines{min-width:0;width:auto}
.stacks thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stacks table,.stacks caption,.stacks tbody,.stacks tr,.stacks tbody th,.stacks tbody td{display:block}
.stacks tr{border-bottom:1px solid var(--rule);padding:.6rem 0}
.stacks tbody th,.stacks tbody td{border:0;padding:.1rem 0;text-align:left;white-space:normal}
.stacks tbody th{font-weight:640}
.stacks tbody td::before{content:attr(data-heading)": ";color:var(--soft);font-family:Inter,"Source Sans 3","Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
.stacks tbody td:empty{display:none}
}
@media print{
@page{margin:16mm 14mm}
body{background:#fff;font-size:10.5pt}
section{border:0;padding:0;margin:0 0 1.4rem;border-radius:0}
main,div.top,footer,.banner p{max-width:none;padding-left:0;padding-right:0}
.banner{background:none;border:2px solid var(--warn);padding:0 .6rem}
nav.contents,.skip{display:none}
.table,.table.long{overflow:visible;max-height:none}
.wide{background:none}
.table.long thead th,.wide th:first-child{position:static}
.sideways{display:none}
details::details-content{content-visibility:visible;block-size:auto;opacity:1}
summary{list-style:none;color:var(--ink)}
h2,h3,caption,figcaption{break-after:avoid}
figure,tr,dl.facts div{break-inside:avoid}
.picture svg,.banner{-webkit-print-color-adjust:exact;print-color-adjust:exact}
a{color:inherit}
}
)css";
}

}  // namespace kept::html
