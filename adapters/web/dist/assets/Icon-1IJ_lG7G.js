import{a3 as e,av as t,a7 as i,aw as s,ax as a,ay as o,ar as r,az as n,ao as l,aA as h,aB as c,p as d,Q as u,ag as w,e as g,g as k,Z as f,F as v,f as m,i as S,l as b,n as p,u as z,aC as W,j as $,a0 as N,L as x,a as y,N as B,r as j}from"./i18n.svelte-CQzNzDN1.js";function C(c,d,u,w,g,k){var f=null,v=new i(c,!1);e(()=>{const e=d()||null;var t=u||"svg"===e?h:void 0;if(null!==e)return v.ensure(e,i=>{if(e){var l=n;if(f=s(e,t),a(f,f),w){var h=f.appendChild(o());w(f,h)}r.nodes.end=f,l||i.before(f)}}),()=>{};v.ensure(null,null)},t),l(()=>{})}
/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const A={xmlns:"http://www.w3.org/2000/svg",width:24,height:24,viewBox:"0 0 24 24",fill:"none",stroke:"currentColor","stroke-width":2,"stroke-linecap":"round","stroke-linejoin":"round"},O=(...e)=>e.filter((e,t,i)=>Boolean(e)&&""!==e.trim()&&i.indexOf(e)===t).join(" ").trim();
/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */
/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */
function P(e){return null!=e}
/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */
const D=Symbol("lucide-context");
/**
 * @file
 * @license @lucide/svelte v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */var F=new Set(["$$slots","$$events","$$legacy","color","size","width","height","strokeWidth","absoluteStrokeWidth","nonScalingStroke","iconNode","icon","class","children"]),I=N("<svg><!><!></svg>");function L(e,t){d(t,!0);const i=c(D)??{},s=u(t,"color",19,()=>i.color??"currentColor"),a=u(t,"size",19,()=>i.size??24),o=u(t,"width",19,a),r=u(t,"height",19,a),n=u(t,"strokeWidth",19,()=>i.strokeWidth??2),l=u(t,"absoluteStrokeWidth",19,()=>i.absoluteStrokeWidth??!1),h=u(t,"nonScalingStroke",19,()=>i.nonScalingStroke??!1),N=u(t,"iconNode",19,()=>[]),L=u(t,"icon",19,()=>({node:N(),aliases:[],size:24})),Q=j(t,F),Z=z(()=>Boolean(t.children)||(e=>{for(const t in e)if(t.startsWith("aria-")||"role"===t||"title"===t)return!0;return!1})(Q)),q=z(()=>function(e,t={}){const i=t.attributeNames??{},s=e=>i[e]??e,a=e.size??e.width??A.width,o=e.size??e.height??A.height,r=e.aliases?.filter(e=>"string"==typeof e&&""!==e.trim()).map(e=>`lucide-${e}`)??[],n=[...e.name?[`lucide-${e.name}`]:[],...r],l=t.className?.split(" ").filter(Boolean)??[],h=!1===t.includeDefaultClasses?O(...l):O("lucide",...n,...l),c=t.absoluteStrokeWidth?Number(t.strokeWidth??A["stroke-width"])*Number(e.size??e.width??A.width)/Number(t.size??t.width??A.width):t.strokeWidth??A["stroke-width"];return["svg",{...Object.entries(A).reduce((e,[t,i])=>(e[s(t)]=i,e),{}),..."color"in t&&t.color&&{[s("stroke")]:t.color},..."size"in t&&P(t.size)&&{[s("width")]:t.size,[s("height")]:t.size},..."width"in t&&P(t.width)&&{[s("width")]:t.width},..."height"in t&&P(t.height)&&{[s("height")]:t.height},[s("stroke-width")]:c,...h&&{[s("class")]:h},[s("viewBox")]:`0 0 ${a} ${o}`,...!1===t.hasA11yProp?{[s("aria-hidden")]:"true"}:{},..."attributes"in t&&t.attributes},e.node.map(e=>{const[i,a,o]=e,r=t.nonScalingStroke?{[s("vector-effect")]:"non-scaling-stroke",...a}:a;return o?[i,r,o]:[i,r]})]}(L(),{color:s(),width:o(),height:r(),strokeWidth:n(),absoluteStrokeWidth:l(),nonScalingStroke:h(),className:O("lucide-icon",i.class),hasA11yProp:k(Z),attributes:Q})),E=z(()=>x(k(q),3)),G=z(()=>k(E)[1]),H=z(()=>W(k(E)[2],()=>[],!0)),J=z(()=>({...k(G),class:[...k(G).class.split(" "),t.class]}));var K=I();w(K,()=>({...k(J)}));var M=$(K);g(M,17,()=>k(H),f,(e,t)=>{var i=z(()=>x(k(t),2)),s=v();C(m(s),()=>k(i)[0],!0,(e,t)=>{w(e,()=>({...k(i)[1]}))}),S(e,s)});var R=y(M);b(R,()=>t.children??B),S(e,K),p()}export{L as I,C as e};
