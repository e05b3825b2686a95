# Written by envs/container.py: edit that. How to use it: docs/cluster.md.
FROM condaforge/miniforge3:24.11.3-2
LABEL io.github.snakemake.containerized="true"
LABEL io.github.snakemake.conda_env_hash="3181bbc84e1541474c3cff56d046a33658cec9fa383db7a58633b84b7e764151"

COPY envs/download.yaml /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b/environment.yaml
RUN conda env create --prefix /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b --file /conda-envs/da9340e07ecca7ccfcea1fb04b489c4b/environment.yaml \
    && conda clean --all --yes

COPY envs/evaluation.yaml /conda-envs/c5a242a1da23d15d209607ac795b18b5/environment.yaml
RUN conda env create --prefix /conda-envs/c5a242a1da23d15d209607ac795b18b5 --file /conda-envs/c5a242a1da23d15d209607ac795b18b5/environment.yaml \
    && conda clean --all --yes

COPY envs/report.yaml /conda-envs/1b4113f20a03987f85083693af3cf9ef/environment.yaml
RUN conda env create --prefix /conda-envs/1b4113f20a03987f85083693af3cf9ef --file /conda-envs/1b4113f20a03987f85083693af3cf9ef/environment.yaml \
    && conda clean --all --yes

COPY envs/torch.yaml /conda-envs/75c0c2abc3675925aa60b3d811048612/environment.yaml
RUN conda env create --prefix /conda-envs/75c0c2abc3675925aa60b3d811048612 --file /conda-envs/75c0c2abc3675925aa60b3d811048612/environment.yaml \
    && conda clean --all --yes
