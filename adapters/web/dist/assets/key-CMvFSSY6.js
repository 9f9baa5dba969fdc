import{a3 as a,a7 as e}from"./i18n.svelte-CQzNzDN1.js";const s=Symbol("NaN");function n(n,o,r){var t=new e(n);a(()=>{var a=o();a!=a&&(a=s),t.ensure(a,r)})}export{n as k};
