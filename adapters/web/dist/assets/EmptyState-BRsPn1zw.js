import{a8 as J,a9 as K,aa as Q,ab as X,ac as Z,ad as $,a2 as p,ae as ee,af as te,ag as ie,ah as se,c as ne,e as d,S as P,n as oe,g as c,Y as ae,M as re,i as le,l as _,E as M,m as ce,u as b,ai as de,C as N,aj as he,U as I,j as W,V as ue,r as ve,I as fe,y as ge,B as be,q as j,w as F,k as L,A,H as ke}from"./i18n.svelte-Bt0iQg97.js";function T(i,e,o,s,u,w){var a=null,v=i,h=new Q(v,!1);J(()=>{const l=e()||null;var g=o||l==="svg"?ie:void 0;if(l===null){h.ensure(null,null);return}return h.ensure(l,r=>{if(l){var t=ee;if(a=X(l,g),Z(a,a),s){var n=null,f=a.appendChild($());s(a,f),n?.remove()}p.nodes.end=a,t||r.before(a)}}),()=>{}},K),te(()=>{})}/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const k={xmlns:"http://www.w3.org/2000/svg",width:24,height:24,viewBox:"0 0 24 24",fill:"none",stroke:"currentColor","stroke-width":2,"stroke-linecap":"round","stroke-linejoin":"round"};/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const z=(...i)=>i.filter((e,o,s)=>!!e&&e.trim()!==""&&s.indexOf(e)===o).join(" ").trim();/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */function y(i){return i!=null}function we(i,e={}){const o=e.attributeNames??{},s=t=>o[t]??t,u=i.size??i.width??k.width,w=i.size??i.height??k.height,a=i.aliases?.filter(t=>typeof t=="string"&&t.trim()!=="").map(t=>`lucide-${t}`)??[],v=[...i.name?[`lucide-${i.name}`]:[],...a],h=e.className?.split(" ").filter(Boolean)??[],l=e.includeDefaultClasses===!1?z(...h):z("lucide",...v,...h),g=e.absoluteStrokeWidth?Number(e.strokeWidth??k["stroke-width"])*Number(i.size??i.width??k.width)/Number(e.size??e.width??k.width):e.strokeWidth??k["stroke-width"];return["svg",{...Object.entries(k).reduce((t,[n,f])=>(t[s(n)]=f,t),{}),..."color"in e&&e.color&&{[s("stroke")]:e.color},..."size"in e&&y(e.size)&&{[s("width")]:e.size,[s("height")]:e.size},..."width"in e&&y(e.width)&&{[s("width")]:e.width},..."height"in e&&y(e.height)&&{[s("height")]:e.height},[s("stroke-width")]:g,...l&&{[s("class")]:l},[s("viewBox")]:`0 0 ${u} ${w}`,...e.hasA11yProp===!1?{[s("aria-hidden")]:"true"}:{},..."attributes"in e&&e.attributes},i.node.map(t=>{const[n,f,S]=t,x=e.nonScalingStroke?{[s("vector-effect")]:"non-scaling-stroke",...f}:f;return S?[n,x,S]:[n,x]})]}/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const _e=i=>{for(const e in i)if(e.startsWith("aria-")||e==="role"||e==="title")return!0;return!1};/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const Se=Symbol("lucide-context"),xe=()=>se(Se);var Ne=new Set(["$$slots","$$events","$$legacy","color","size","width","height","strokeWidth","absoluteStrokeWidth","nonScalingStroke","iconNode","icon","class","children"]),We=he("<svg><!><!></svg>");function Be(i,e){ne(e,!0);const o=xe()??{},s=d(e,"color",19,()=>o.color??"currentColor"),u=d(e,"size",19,()=>o.size??24),w=d(e,"width",19,u),a=d(e,"height",19,u),v=d(e,"strokeWidth",19,()=>o.strokeWidth??2),h=d(e,"absoluteStrokeWidth",19,()=>o.absoluteStrokeWidth??!1),l=d(e,"nonScalingStroke",19,()=>o.nonScalingStroke??!1),g=d(e,"iconNode",19,()=>[]),r=d(e,"icon",19,()=>({node:g(),aliases:[],size:24})),t=ve(e,Ne),n=b(()=>!!e.children||_e(t)),f=b(()=>we(r(),{color:s(),width:w(),height:a(),strokeWidth:v(),absoluteStrokeWidth:h(),nonScalingStroke:l(),className:z("lucide-icon",o.class),hasA11yProp:c(n),attributes:t})),S=b(()=>I(c(f),3)),x=b(()=>c(S)[1]),q=b(()=>de(c(S)[2],()=>[],!0)),D=b(()=>({...c(x),class:[...c(x).class.split(" "),e.class]}));var m=We();P(m,()=>({...c(D)}));var C=N(m);oe(C,17,()=>c(q),ae,(O,R)=>{var B=b(()=>I(c(R),2));let V=()=>c(B)[0],G=()=>c(B)[1];var E=re(),U=le(E);T(U,V,!0,(Y,Ae)=>{P(Y,()=>({...G()}))}),_(O,E)});var H=W(C);M(H,()=>e.children??ue),_(i,m),ce()}var me=A('<p class="quiet svelte-1uba7bi"> </p>'),ye=A('<div class="actions svelte-1uba7bi"><!></div>'),ze=A('<div class="empty svelte-1uba7bi"><span class="icon svelte-1uba7bi"><!></span> <!> <!> <!></div>');function Ee(i,e){const o=d(e,"level",3,2);var s=ze(),u=N(s),w=N(u);fe(w,{get of(){return e.icon},size:28});var a=W(u,2);T(a,()=>`h${o()}`,!1,(r,t)=>{ge(r,0,"title svelte-1uba7bi");var n=be();j(()=>F(n,e.title)),_(t,n)});var v=W(a,2);{var h=r=>{var t=me(),n=ke(t,!0);j(()=>F(n,e.text)),_(r,t)};L(v,r=>{e.text&&r(h)})}var l=W(v,2);{var g=r=>{var t=ye(),n=N(t);M(n,()=>e.children),_(r,t)};L(l,r=>{e.children&&r(g)})}_(i,s)}export{Ee as E,Be as I};
