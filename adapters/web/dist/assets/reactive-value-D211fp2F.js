import{ak as s}from"./i18n.svelte-CQzNzDN1.js";class r{#s;#r;constructor(r,t){this.#s=r,this.#r=s(t)}get current(){return this.#r(),this.#s()}}export{r as R};
