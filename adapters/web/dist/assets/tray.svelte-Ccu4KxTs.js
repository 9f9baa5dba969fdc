import{C as s,g as e,B as o}from"./i18n.svelte-Oe2AcsFV.js";class n{#t=s();get component(){return e(this.#t)}set component(t){o(this.#t,t)}}const c=new n;export{c as t};
