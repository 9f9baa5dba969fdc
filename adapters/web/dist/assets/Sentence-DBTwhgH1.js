import{g as a,l as s,m as t,n as r,q as e,i as o,r as v,a as n,k as p,t as l,j as i,e as d,u as f,o as c,f as j,c as m}from"./NotFound-lFGt8dBB.js";import{s as b}from"./says-D9EddA7G.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const h=[["path",{d:"M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z"}],["path",{d:"m15 5 4 4"}]];var k=j('<a class="svelte-1j93kpv"><bdi> </bdi></a>'),u=j('<strong class="svelte-1j93kpv"><bdi> </bdi></strong>'),x=j('<span class="svelte-1j93kpv"></span>');function g(j,h){a(h,!0);var g=x();s(g,21,()=>b(h.event),t,(a,s)=>{var t=r(),p=e(t),j=a=>{var t=k(),r=m(t),e=c(r,!0);l(()=>{i(t,"href",v(s).href),d(e,v(s).text)}),n(a,t)},b=a=>{var t=u(),r=m(t),e=c(r,!0);l(()=>d(e,v(s).text)),n(a,t)},h=a=>{var t=f();l(()=>d(t,v(s).text)),n(a,t)};o(p,a=>{v(s).href?a(j):v(s).about?a(b,1):a(h,-1)}),n(a,t)}),n(j,g),p()}export{h as P,g as S};
