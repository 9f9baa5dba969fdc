import{p as a,a as s,r as e,s as r,i as t,an as o,n as l,w as i,t as v,c as d,d as n,x as p,e as c,f as h,ao as w,y as b,u as f,g as u,o as $,v as m,H as q,z as y,h as z,I as x}from"./NotFound-Cltx-P6i.js";import{g}from"./filters-BxsPnZfN.js";
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */const M=[["path",{d:"M12 15V3"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}],["path",{d:"m7 10 5 5 5-5"}]],j=[["path",{d:"M12 3v12"}],["path",{d:"m17 8-5-5-5 5"}],["path",{d:"M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4"}]];
/**
 * @license lucide v1.48.0 - ISC
 *
 * This source code is licensed under the ISC license.
 * See the LICENSE file in the root directory of this source tree.
 */var H=new Set(["$$slots","$$events","$$legacy","label","hint","error","value","element","type"]),k=z('<p class="quiet"> </p>'),F=z('<p class="error svelte-1wzaqos"> </p>'),B=z('<button type="button" class="svelte-1wzaqos"> </button>'),D=z('<div class="field svelte-1wzaqos"><label class="svelte-1wzaqos"> </label> <!> <!> <div><input/> <!></div></div>');function I(z,x){const M=a();s(x,!0);let j=e(x,"value",15,""),I=e(x,"element",15),N=e(x,"type",3,"text"),S=w(x,H),U=b(!1);const V=f(()=>[x.hint&&`${M}-hint`,x.error&&`${M}-error`].filter(Boolean));var _=D(),A=u(_),C=$(A,!0),E=r(A,2),G=a=>{var s=k(),e=$(s,!0);v(()=>{d(s,"id",`${M}-hint`),n(e,x.hint)}),c(a,s)};t(E,a=>{x.hint&&a(G)});var J=r(E,2),K=a=>{var s=F(),e=$(s,!0);v(()=>{d(s,"id",`${M}-error`),n(e,x.error)}),c(a,s)};t(J,a=>{x.error&&a(K)});var L=r(J,2);let O;var P=u(L);o(P,a=>({id:M,type:"password"===N()&&l(U)?"text":N(),"aria-invalid":!!x.error||void 0,"aria-describedby":a,...S}),[()=>l(V).join(" ")||void 0],void 0,void 0,"svelte-1wzaqos",!0),i(P,a=>I(a),()=>I());var Q=r(P,2),R=a=>{var s=B(),e=$(s,!0);v((a,r)=>{d(s,"aria-pressed",l(U)),d(s,"aria-label",a),n(e,r)},[()=>m("field.show_password"),()=>l(U)?m("field.hide"):m("field.show")]),q("click",s,()=>y(U,!l(U))),c(a,s)};t(Q,a=>{"password"===N()&&a(R)}),v(()=>{d(A,"for",M),n(C,x.label),O=p(L,1,"box svelte-1wzaqos",null,O,{wrong:x.error})}),g(P,j),c(z,_),h()}x(["click"]);export{M as D,I as F,j as U};
