import{a2 as M,ak as O,a3 as q,al as G,am as H,an as V,ag as J,ao as K,ab as Q,ap as U,aq as X,p as Y,R as l,ad as m,e as Z,g as r,a0 as $,F as p,f as ee,i as y,l as te,n as ie,u,ar as se,j as ne,a4 as oe,L as B,a as re,N as ae,r as le}from"./i18n.svelte-Oe2AcsFV.js";function ce(t,e,n,i,f,S){var o=null,b=t,h=new q(b,!1);M(()=>{const a=e()||null;var k=n||a==="svg"?U:void 0;if(a===null){h.ensure(null,null);return}return h.ensure(a,N=>{if(a){var s=K;if(o=G(a,k),H(o,o),i){var c=null,d=o.appendChild(V());i(o,d),c?.remove()}J.nodes.end=o,s||N.before(o)}}),()=>{}},O),Q(()=>{})}/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const g={xmlns:"http://www.w3.org/2000/svg",width:24,height:24,viewBox:"0 0 24 24",fill:"none",stroke:"currentColor","stroke-width":2,"stroke-linecap":"round","stroke-linejoin":"round"};/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const W=(...t)=>t.filter((e,n,i)=>!!e&&e.trim()!==""&&i.indexOf(e)===n).join(" ").trim();/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */function x(t){return t!=null}function de(t,e={}){const n=e.attributeNames??{},i=s=>n[s]??s,f=t.size??t.width??g.width,S=t.size??t.height??g.height,o=t.aliases?.filter(s=>typeof s=="string"&&s.trim()!=="").map(s=>`lucide-${s}`)??[],b=[...t.name?[`lucide-${t.name}`]:[],...o],h=e.className?.split(" ").filter(Boolean)??[],a=e.includeDefaultClasses===!1?W(...h):W("lucide",...b,...h),k=e.absoluteStrokeWidth?Number(e.strokeWidth??g["stroke-width"])*Number(t.size??t.width??g.width)/Number(e.size??e.width??g.width):e.strokeWidth??g["stroke-width"];return["svg",{...Object.entries(g).reduce((s,[c,d])=>(s[i(c)]=d,s),{}),..."color"in e&&e.color&&{[i("stroke")]:e.color},..."size"in e&&x(e.size)&&{[i("width")]:e.size,[i("height")]:e.size},..."width"in e&&x(e.width)&&{[i("width")]:e.width},..."height"in e&&x(e.height)&&{[i("height")]:e.height},[i("stroke-width")]:k,...a&&{[i("class")]:a},[i("viewBox")]:`0 0 ${f} ${S}`,...e.hasA11yProp===!1?{[i("aria-hidden")]:"true"}:{},..."attributes"in e&&e.attributes},t.node.map(s=>{const[c,d,v]=s,w=e.nonScalingStroke?{[i("vector-effect")]:"non-scaling-stroke",...d}:d;return v?[c,w,v]:[c,w]})]}/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const he=t=>{for(const e in t)if(e.startsWith("aria-")||e==="role"||e==="title")return!0;return!1};/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const ue=Symbol("lucide-context"),ge=()=>X(ue);var fe=new Set(["$$slots","$$events","$$legacy","color","size","width","height","strokeWidth","absoluteStrokeWidth","nonScalingStroke","iconNode","icon","class","children"]),be=oe("<svg><!><!></svg>");function we(t,e){Y(e,!0);const n=ge()??{},i=l(e,"color",19,()=>n.color??"currentColor"),f=l(e,"size",19,()=>n.size??24),S=l(e,"width",19,f),o=l(e,"height",19,f),b=l(e,"strokeWidth",19,()=>n.strokeWidth??2),h=l(e,"absoluteStrokeWidth",19,()=>n.absoluteStrokeWidth??!1),a=l(e,"nonScalingStroke",19,()=>n.nonScalingStroke??!1),k=l(e,"iconNode",19,()=>[]),N=l(e,"icon",19,()=>({node:k(),aliases:[],size:24})),s=le(e,fe),c=u(()=>!!e.children||he(s)),d=u(()=>de(N(),{color:i(),width:S(),height:o(),strokeWidth:b(),absoluteStrokeWidth:h(),nonScalingStroke:a(),className:W("lucide-icon",n.class),hasA11yProp:r(c),attributes:s})),v=u(()=>B(r(d),3)),w=u(()=>r(v)[1]),P=u(()=>se(r(v)[2],()=>[],!0)),E=u(()=>({...r(w),class:[...r(w).class.split(" "),e.class]}));var _=be();m(_,()=>({...r(E)}));var z=ne(_);Z(z,17,()=>r(P),$,(F,I)=>{var A=u(()=>B(r(I),2));let L=()=>r(A)[0],R=()=>r(A)[1];var C=p(),T=ee(C);ce(T,L,!0,(D,ke)=>{m(D,()=>({...R()}))}),y(F,C)});var j=re(z);te(j,()=>e.children??ae),y(t,_),ie()}export{we as I,ce as e};
