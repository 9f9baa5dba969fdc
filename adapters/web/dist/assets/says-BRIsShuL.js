import{p as e}from"./index-xVKw6xES.js";function r(e){const r=e.replaceAll("_"," ").toLowerCase();return r.charAt(0).toUpperCase()+r.slice(1)}function t(r){return e(r)}export{r as n,t as s};
