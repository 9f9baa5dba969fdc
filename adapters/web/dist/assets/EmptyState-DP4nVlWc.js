import{a0 as Q,ai as U,a1 as X,aj as Y,ak as Z,al as $,ae as p,am as ee,a9 as te,an as ie,ao as se,p as ne,R as d,ab as P,e as oe,g as c,a4 as ae,F as re,f as le,k as w,n as R,u as ce,v as b,ap as de,l as N,V as he,L as I,c as m,N as ue,r as ve,I as fe,A as ge,K as be,t as j,j as F,m as L,z as A,y as ke}from"./i18n.svelte-5bfANpyF.js";function T(i,e,o,s,u,_){var a=null,v=i,h=new X(v,!1);Q(()=>{const l=e()||null;var g=o||l==="svg"?ie:void 0;if(l===null){h.ensure(null,null);return}return h.ensure(l,r=>{if(l){var t=ee;if(a=Y(l,g),Z(a,a),s){var n=null,f=a.appendChild($());s(a,f),n?.remove()}p.nodes.end=a,t||r.before(a)}}),()=>{}},U),te(()=>{})}/**
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
 */const y=(...i)=>i.filter((e,o,s)=>!!e&&e.trim()!==""&&s.indexOf(e)===o).join(" ").trim();/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */function z(i){return i!=null}function _e(i,e={}){const o=e.attributeNames??{},s=t=>o[t]??t,u=i.size??i.width??k.width,_=i.size??i.height??k.height,a=i.aliases?.filter(t=>typeof t=="string"&&t.trim()!=="").map(t=>`lucide-${t}`)??[],v=[...i.name?[`lucide-${i.name}`]:[],...a],h=e.className?.split(" ").filter(Boolean)??[],l=e.includeDefaultClasses===!1?y(...h):y("lucide",...v,...h),g=e.absoluteStrokeWidth?Number(e.strokeWidth??k["stroke-width"])*Number(i.size??i.width??k.width)/Number(e.size??e.width??k.width):e.strokeWidth??k["stroke-width"];return["svg",{...Object.entries(k).reduce((t,[n,f])=>(t[s(n)]=f,t),{}),..."color"in e&&e.color&&{[s("stroke")]:e.color},..."size"in e&&z(e.size)&&{[s("width")]:e.size,[s("height")]:e.size},..."width"in e&&z(e.width)&&{[s("width")]:e.width},..."height"in e&&z(e.height)&&{[s("height")]:e.height},[s("stroke-width")]:g,...l&&{[s("class")]:l},[s("viewBox")]:`0 0 ${u} ${_}`,...e.hasA11yProp===!1?{[s("aria-hidden")]:"true"}:{},..."attributes"in e&&e.attributes},i.node.map(t=>{const[n,f,S]=t,x=e.nonScalingStroke?{[s("vector-effect")]:"non-scaling-stroke",...f}:f;return S?[n,x,S]:[n,x]})]}/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const we=i=>{for(const e in i)if(e.startsWith("aria-")||e==="role"||e==="title")return!0;return!1};/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const Se=Symbol("lucide-context"),xe=()=>se(Se);var Ne=new Set(["$$slots","$$events","$$legacy","color","size","width","height","strokeWidth","absoluteStrokeWidth","nonScalingStroke","iconNode","icon","class","children"]),me=he("<svg><!><!></svg>");function Be(i,e){ne(e,!0);const o=xe()??{},s=d(e,"color",19,()=>o.color??"currentColor"),u=d(e,"size",19,()=>o.size??24),_=d(e,"width",19,u),a=d(e,"height",19,u),v=d(e,"strokeWidth",19,()=>o.strokeWidth??2),h=d(e,"absoluteStrokeWidth",19,()=>o.absoluteStrokeWidth??!1),l=d(e,"nonScalingStroke",19,()=>o.nonScalingStroke??!1),g=d(e,"iconNode",19,()=>[]),r=d(e,"icon",19,()=>({node:g(),aliases:[],size:24})),t=ve(e,Ne),n=b(()=>!!e.children||we(t)),f=b(()=>_e(r(),{color:s(),width:_(),height:a(),strokeWidth:v(),absoluteStrokeWidth:h(),nonScalingStroke:l(),className:y("lucide-icon",o.class),hasA11yProp:c(n),attributes:t})),S=b(()=>I(c(f),3)),x=b(()=>c(S)[1]),D=b(()=>de(c(S)[2],()=>[],!0)),M=b(()=>({...c(x),class:[...c(x).class.split(" "),e.class]}));var W=me();P(W,()=>({...c(M)}));var C=N(W);oe(C,17,()=>c(D),ae,(V,q)=>{var B=b(()=>I(c(q),2));let G=()=>c(B)[0],H=()=>c(B)[1];var E=re(),K=le(E);T(K,G,!0,(J,Ae)=>{P(J,()=>({...H()}))}),w(V,E)});var O=m(C);R(O,()=>e.children??ue),w(i,W),ce()}var We=A('<p class="quiet svelte-1uba7bi"> </p>'),ze=A('<div class="actions svelte-1uba7bi"><!></div>'),ye=A('<div class="empty svelte-1uba7bi"><span class="icon svelte-1uba7bi"><!></span> <!> <!> <!></div>');function Ee(i,e){const o=d(e,"level",3,2);var s=ye(),u=N(s),_=N(u);fe(_,{get of(){return e.icon},size:28});var a=m(u,2);T(a,()=>`h${o()}`,!1,(r,t)=>{ge(r,0,"title svelte-1uba7bi");var n=be();j(()=>F(n,e.title)),w(t,n)});var v=m(a,2);{var h=r=>{var t=We(),n=ke(t,!0);j(()=>F(n,e.text)),w(r,t)};L(v,r=>{e.text&&r(h)})}var l=m(v,2);{var g=r=>{var t=ze(),n=N(t);R(n,()=>e.children),w(r,t)};L(l,r=>{e.children&&r(g)})}w(i,s)}export{Ee as E,Be as I};
