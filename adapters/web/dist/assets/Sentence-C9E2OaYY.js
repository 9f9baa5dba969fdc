import{a,j as s,k as t,l as e,m as r,i as o,n as v,e as n,f as p,t as l,c as d,d as i,q as f,o as c,h,g as j}from"./NotFound-Cltx-P6i.js";import{s as m}from"./says-Boqj504C.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const b=[["path",{d:"M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z"}],["path",{d:"m15 5 4 4"}]];var k=h('<a class="svelte-1j93kpv"><bdi> </bdi></a>'),x=h('<strong class="svelte-1j93kpv"><bdi> </bdi></strong>'),g=h('<span class="svelte-1j93kpv"></span>');function u(h,b){a(b,!0);var u=g();s(u,21,()=>m(b.event),t,(a,s)=>{var t=e(),p=r(t),h=a=>{var t=k(),e=j(t),r=c(e,!0);l(()=>{d(t,"href",v(s).href),i(r,v(s).text)}),n(a,t)},m=a=>{var t=x(),e=j(t),r=c(e,!0);l(()=>i(r,v(s).text)),n(a,t)},b=a=>{var t=f();l(()=>i(t,v(s).text)),n(a,t)};o(p,a=>{v(s).href?a(h):v(s).about?a(m,1):a(b,-1)}),n(a,t)}),n(h,u),p()}export{b as P,u as S};
