import{p as a,a as s,j as e,s as r,i as t,ab as o,w as l,t as i,c as v,d,A as n,e as p,f as c,ac as h,B as b,y as w,g as f,o as u,z as $,l as m,C as q,h as y,m as z}from"./NotFound-D_uGEaAY.js";import{b as j,h as x}from"./filters-B2Ne5nfb.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const M=[["path",{d:"M12 15V3"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}],["path",{d:"m7 10 5 5 5-5"}]],g=[["path",{d:"M12 3v12"}],["path",{d:"m17 8-5-5-5 5"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}]];
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */var k=new Set(["$$slots","$$events","$$legacy","label","hint","error","value","element","type"]),B=y('<p class="quiet"> </p>'),F=y('<p class="error svelte-1wzaqos"> </p>'),H=y('<button type="button" class="svelte-1wzaqos"> </button>'),A=y('<div class="field svelte-1wzaqos"><label class="svelte-1wzaqos"> </label> <!> <!> <div><input/> <!></div></div>');function C(y,z){const M=a();s(z,!0);let g=e(z,"value",15,""),C=e(z,"element",15),D=e(z,"type",3,"text"),N=h(z,k),S=b(!1);const U=w(()=>[z.hint&&`${M}-hint`,z.error&&`${M}-error`].filter(Boolean));var V=A(),_=f(V),E=u(_,!0),G=r(_,2),I=a=>{var s=B(),e=u(s,!0);i(()=>{v(s,"id",`${M}-hint`),d(e,z.hint)}),p(a,s)};t(G,a=>{z.hint&&a(I)});var J=r(G,2),K=a=>{var s=F(),e=u(s,!0);i(()=>{v(s,"id",`${M}-error`),d(e,z.error)}),p(a,s)};t(J,a=>{z.error&&a(K)});var L=r(J,2);let O;var P=f(L);o(P,a=>({id:M,type:"password"===D()&&l(S)?"text":D(),"aria-invalid":!!z.error||void 0,"aria-describedby":a,...N}),[()=>l(U).join(" ")||void 0],void 0,void 0,"svelte-1wzaqos",!0),j(P,a=>C(a),()=>C());var Q=r(P,2),R=a=>{var s=H(),e=u(s,!0);i((a,r)=>{v(s,"aria-pressed",l(S)),v(s,"aria-label",a),d(e,r)},[()=>$("field.show_password"),()=>l(S)?$("field.hide"):$("field.show")]),m("click",s,()=>q(S,!l(S))),p(a,s)};t(Q,a=>{"password"===D()&&a(R)}),i(()=>{v(_,"for",M),d(E,z.label),O=n(L,1,"box svelte-1wzaqos",null,O,{wrong:z.error})}),x(P,g),p(y,V),c()}z(["click"]);export{M as D,C as F,g as U};
