import{a,q as s,r as t,u as r,v as e,i as v,w as o,e as p,f as n,t as d,c as i,d as l,x as f,o as c,h,g as b}from"./NotFound-D_uGEaAY.js";import{s as j}from"./says-C7kFKngC.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const m=[["path",{d:"M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z"}],["path",{d:"m15 5 4 4"}]];var x=h('<a class="svelte-1j93kpv"><bdi> </bdi></a>'),u=h('<strong class="svelte-1j93kpv"><bdi> </bdi></strong>'),g=h('<span class="svelte-1j93kpv"></span>');function k(h,m){a(m,!0);var k=g();s(k,21,()=>j(m.event),t,(a,s)=>{var t=r(),n=e(t),h=a=>{var t=x(),r=b(t),e=c(r,!0);d(()=>{i(t,"href",o(s).href),l(e,o(s).text)}),p(a,t)},j=a=>{var t=u(),r=b(t),e=c(r,!0);d(()=>l(e,o(s).text)),p(a,t)},m=a=>{var t=f();d(()=>l(t,o(s).text)),p(a,t)};v(n,a=>{o(s).href?a(h):o(s).about?a(j,1):a(m,-1)}),p(a,t)}),p(h,k),n()}export{m as P,k as S};
