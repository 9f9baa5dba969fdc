import{a1 as s}from"./i18n.svelte-Oe2AcsFV.js";class i{#r;#t;constructor(r,t){this.#r=r,this.#t=s(t)}get current(){return this.#t(),this.#r()}}export{i as R};
