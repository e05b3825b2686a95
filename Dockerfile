# Written by envs/container.py: edit that. How to use it: docs/cluster.md.
FROM condaforge/miniforge3:24.11.3-2
LABEL io.github.snakemake.containerized="true"
LABEL io.github.snakemake.conda_env_hash="3c30e1e4f7c6f3a51825f0ea9097d7c5775dc8e1dce8037f2a7ac7574d68ec90"

COPY envs/download.yaml /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b/environment.yaml
RUN conda env create --prefix /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b --file /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b/environment.yaml \
    && conda clean --all --yes

COPY envs/evaluation.yaml /conda-envs/cafe95c75933e527db1e20d392d804c9/environment.yaml
RUN conda env create --prefix /conda-envs/cafe95c75933e527db1e20d392d804c9 --file /conda-envs/cafe95c75933e527db1e20d392d804c9/environment.yaml \
    && conda clean --all --yes

COPY envs/report.yaml /conda-envs/1b4113f20a03987f85083693af3cf9ef/environment.yaml
RUN conda env create --prefix /conda-envs/1b4113f20a03987f85083693af3cf9ef --file /conda-envs/1b4113f20a03987f85083693af3cf9ef/environment.yaml \
    && conda clean --all --yes

COPY envs/torch.yaml /conda-envs/9b84034cc11561b39e86569555aaf269/environment.yaml
RUN conda env create --prefix /conda-envs/9b84034cc11561b39e86569555aaf269 --file /conda-envs/9b84034cc11561b39e86569555aaf269/environment.yaml \
    && conda clean --all --yes
