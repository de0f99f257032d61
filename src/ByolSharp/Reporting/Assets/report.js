'use strict';
// Hands the figures' data to ECharts; colours follow the reader's light or dark mode. Texts of the data only ever become text nodes.
(() => {
  const palette = ['#4e79a7', '#f28e2b', '#e15759', '#2fa39b', '#59a14f', '#d4ac0d', '#b07aa1', '#ff7f9c', '#9c755f', '#7b8794'];
  const color = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const short = v => Math.abs(v) >= 1e6 ? +(v / 1e6).toFixed(1) + 'M' : Math.abs(v) >= 1e4 ? +(v / 1e3).toFixed(1) + 'k' : (+v.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 });
  const text = (v, share) => share ? +(v * 100).toFixed(1) + '%' : short(v);

  const tip = lines => {
    const box = document.createElement('div');
    box.className = 'tip';
    for (const line of lines) {
      const row = document.createElement('div');
      row.append(...line);
      box.append(row);
    }
    return box;
  };
  const bold = words => Object.assign(document.createElement('b'), { textContent: words });
  const dot = shade => {
    const mark = Object.assign(document.createElement('i'), { className: 'dot' });
    mark.style.background = shade;
    return mark;
  };

  const frame = () => ({
    animation: false, color: palette, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: color('ink') },
    tooltip: { confine: true, backgroundColor: color('card'), borderColor: color('rule'), textStyle: { color: color('ink') }, padding: [6, 9] },
  });
  const axis = more => ({
    axisLine: { lineStyle: { color: color('rule') } }, axisTick: { show: false }, splitLine: { lineStyle: { color: color('rule') } },
    axisLabel: { color: color('muted'), fontSize: 11, hideOverlap: true }, ...more,
  });
  const legend = names => ({ type: 'scroll', top: 0, data: names, icon: 'circle', itemWidth: 9, itemHeight: 9, textStyle: { color: color('ink'), fontSize: 12 }, pageIconColor: color('ink'), pageTextStyle: { color: color('muted') } });

  const makers = {
    lines(figure) {
      const many = figure.series.length > 1;
      const base = frame();
      return {
        ...base,
        legend: many ? legend(figure.series.map(s => s.name)) : { show: false },
        grid: { left: 6, right: 14, top: many ? 34 : 12, bottom: 4, containLabel: true },
        xAxis: axis({ type: 'value', min: 'dataMin', max: 'dataMax', splitLine: { show: false }, axisLabel: { ...axis().axisLabel, formatter: short, showMinLabel: false, showMaxLabel: false } }),
        yAxis: axis({ type: 'value', scale: !figure.marks.length, max: figure.marks.length ? v => Math.max(v.max, ...figure.marks.map(m => m.value)) * 1.15 : undefined, splitNumber: 4, axisLabel: { ...axis().axisLabel, formatter: v => text(v, figure.share) } }),
        tooltip: {
          ...base.tooltip, trigger: 'axis', axisPointer: { lineStyle: { color: color('muted') } },
          formatter: points => tip([[`step ${points[0].value[0].toLocaleString('en')}`], ...points.filter(p => p.seriesId.startsWith('value')).map(p => [dot(p.color), many ? p.seriesName + ': ' : '', bold(text(p.value[1], figure.share))])]),
        },
        series: figure.series.flatMap((s, i) => [{
          type: 'line', id: 'value' + i, name: s.name, data: s.points, showSymbol: s.points.length < 25, symbolSize: 6, color: palette[i % palette.length],
          lineStyle: { width: s.trend ? 1 : 1.8, opacity: s.trend ? (many ? 0.22 : 0.35) : 1 },
          markLine: i > 0 || !figure.marks.length ? undefined : {
            silent: true, symbol: 'none', lineStyle: { color: color('good'), type: 'dashed' },
            label: { position: 'insideEndTop', color: color('good'), formatter: p => p.name },
            data: figure.marks.map(m => ({ name: m.name, yAxis: m.value })),
          },
        }, ...(s.trend ? [{ type: 'line', id: 'trend' + i, name: s.name, data: s.trend, showSymbol: false, silent: true, color: palette[i % palette.length], lineStyle: { width: 2 } }] : [])]),
      };
    },
    map(figure) {
      const tiles = document.getElementById('tiles').content.children;
      const groups = [...new Set(figure.classes)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      const base = frame();
      const named = groups.length > 1 || groups[0];
      const plane = { type: 'value', scale: true, show: false };
      return {
        ...base,
        legend: named ? legend(groups) : { show: false },
        grid: { left: 6, right: 6, top: named ? 34 : 6, bottom: 6 },
        xAxis: plane, yAxis: plane,
        dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none' }, { type: 'inside', yAxisIndex: 0, filterMode: 'none' }],
        tooltip: {
          ...base.tooltip, trigger: 'item',
          formatter: p => tip([[tiles[p.value[2]].cloneNode(true)], [bold(figure.classes[p.value[2]])], [figure.names[p.value[2]]]]),
        },
        series: groups.map(group => ({
          type: 'scatter', name: group, symbolSize: 8, itemStyle: { opacity: 0.8 }, emphasis: { scale: 2 },
          data: figure.places.map((p, i) => [p[0], p[1], i]).filter(p => figure.classes[p[2]] === group),
        })),
      };
    },
    bars(figure, host) {
      host.style.height = Math.max(120, 26 * figure.bars.length + 30) + 'px';
      const base = frame();
      return {
        ...base,
        grid: { left: 6, right: 44, top: 4, bottom: 4, containLabel: true },
        xAxis: axis({ type: 'value', min: 0, max: 1, axisLabel: { show: false }, splitLine: { show: false } }),
        yAxis: axis({ type: 'category', inverse: true, data: figure.bars.map(b => b.name), axisLine: { show: false }, axisLabel: { color: color('ink'), fontSize: 12, width: 130, overflow: 'truncate' } }),
        tooltip: { ...base.tooltip, trigger: 'item', formatter: p => tip([[p.name + ': ', bold(text(p.value, true))]]) },
        series: [{ type: 'bar', data: figure.bars.map(b => b.share), barMaxWidth: 16, itemStyle: { borderRadius: 3 }, label: { show: true, position: 'right', color: color('ink'), fontSize: 11, formatter: p => text(p.value, true) } }],
      };
    },
  };

  const figures = JSON.parse(document.getElementById('figures').textContent);
  const charts = figures.map((figure, i) => {
    const host = document.getElementById('figure-' + i);
    const option = makers[figure.kind](figure, host);
    const chart = echarts.init(host, null, { renderer: 'svg' });
    chart.setOption(option);
    return { chart, figure, host };
  });
  const redraw = () => charts.forEach(c => c.chart.setOption(makers[c.figure.kind](c.figure, c.host), true));
  const resize = () => charts.forEach(c => c.chart.resize());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('resize', resize);
  addEventListener('beforeprint', resize);
})();
