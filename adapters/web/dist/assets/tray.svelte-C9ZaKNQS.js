import{C as t,g as n,B as o}from"./i18n.svelte-CQzNzDN1.js";const e=new class{#t=t();get component(){return n(this.#t)}set component(t){o(this.#t,t)}};export{e as t};
