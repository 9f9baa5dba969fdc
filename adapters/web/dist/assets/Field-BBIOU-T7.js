import{p as a,a as s,r as e,s as r,i as t,a9 as o,n as l,t as i,c as v,d,w as n,e as p,f as c,aa as h,x as w,u as b,g as f,o as u,v as m,E as $,y as q,h as y,F as z}from"./NotFound-jV4CKM95.js";import{g as x}from"./filters-Bzj_NZbR.js";import{b as g}from"./Skeleton-CyUbSnwZ.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const j=[["path",{d:"M12 15V3"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}],["path",{d:"m7 10 5 5 5-5"}]],M=[["path",{d:"M12 3v12"}],["path",{d:"m17 8-5-5-5 5"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}]];
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */var k=new Set(["$$slots","$$events","$$legacy","label","hint","error","value","element","type"]),F=y('<p class="quiet"> </p>'),H=y('<p class="error svelte-1wzaqos"> </p>'),S=y('<button type="button" class="svelte-1wzaqos"> </button>'),B=y('<div class="field svelte-1wzaqos"><label class="svelte-1wzaqos"> </label> <!> <!> <div><input/> <!></div></div>');function D(y,z){const j=a();s(z,!0);let M=e(z,"value",15,""),D=e(z,"element",15),E=e(z,"type",3,"text"),N=h(z,k),U=w(!1);const V=b(()=>[z.hint&&`${j}-hint`,z.error&&`${j}-error`].filter(Boolean));var _=B(),A=f(_),C=u(A,!0),G=r(A,2),I=a=>{var s=F(),e=u(s,!0);i(()=>{v(s,"id",`${j}-hint`),d(e,z.hint)}),p(a,s)};t(G,a=>{z.hint&&a(I)});var J=r(G,2),K=a=>{var s=H(),e=u(s,!0);i(()=>{v(s,"id",`${j}-error`),d(e,z.error)}),p(a,s)};t(J,a=>{z.error&&a(K)});var L=r(J,2);let O;var P=f(L);o(P,a=>({id:j,type:"password"===E()&&l(U)?"text":E(),"aria-invalid":!!z.error||void 0,"aria-describedby":a,...N}),[()=>l(V).join(" ")||void 0],void 0,void 0,"svelte-1wzaqos",!0),g(P,a=>D(a),()=>D());var Q=r(P,2),R=a=>{var s=S(),e=u(s,!0);i((a,r)=>{v(s,"aria-pressed",l(U)),v(s,"aria-label",a),d(e,r)},[()=>m("field.show_password"),()=>l(U)?m("field.hide"):m("field.show")]),$("click",s,()=>q(U,!l(U))),p(a,s)};t(Q,a=>{"password"===E()&&a(R)}),i(()=>{v(A,"for",j),d(C,z.label),O=n(L,1,"box svelte-1wzaqos",null,O,{wrong:z.error})}),x(P,M),p(y,_),c()}z(["click"]);export{j as D,D as F,M as U};
